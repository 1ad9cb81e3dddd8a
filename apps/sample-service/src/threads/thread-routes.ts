import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { requireUser, userOf } from '../auth/require-user.ts'
import { domainErrorHandler, refusals, security, type SharedOptions } from '../domains/route-options.ts'
import { HttpError } from '../http/http-error.ts'
import { idempotencyHeaderSchema } from '../idempotency/idempotency-key.ts'
import { pageOptions, pageQuerySchema } from '../orchestrator/page-query.ts'
import { requirePermission } from '../policy/require-permission.ts'
import { limitRequests } from '../rate-limit/limit-requests.ts'
import { errorSchema } from '../schemas/problem.ts'
import { newThreadSchema, threadPageSchema, threadPathSchema, threadSchema } from './thread.ts'
import type { Threads } from './threads.ts'

export interface ThreadRoutesOptions extends SharedOptions {
  threads: Threads
}

const shared = { tags: ['Threads'], security }

/** Conversations with a title; mounted below `/v1/threads`. */
export const threadRoutes: FastifyPluginAsyncZod<ThreadRoutesOptions> = async (app, options) => {
  const { threads, verifier, policy, limiter } = options
  app.setErrorHandler(domainErrorHandler)
  requireUser(app, verifier)
  limitRequests(app, limiter)

  app.post(
    '/',
    {
      schema: {
        ...shared,
        summary: 'Begin a thread',
        description: 'Its id is that of a session: messages go to `POST /v1/session/message`.',
        headers: idempotencyHeaderSchema,
        body: newThreadSchema,
        response: { 201: threadSchema, 409: errorSchema, ...refusals },
      },
    },
    async (request, reply) => {
      const user = userOf(request)
      await requirePermission(policy, user, 'conversation.write')
      const thread = await threads.create(request.body, user, request.headers['idempotency-key'])
      return reply.code(201).header('location', `${app.prefix}/${thread.thread_id}`).send(thread)
    },
  )

  app.get(
    '/',
    {
      schema: {
        ...shared,
        summary: 'List your threads, newest first',
        querystring: pageQuerySchema,
        response: { 200: threadPageSchema, ...refusals },
      },
    },
    async (request) => {
      const user = userOf(request)
      await requirePermission(policy, user, 'conversation.read')
      const { items, next = null } = await threads.list(user, pageOptions(request.query))
      return { threads: items, next }
    },
  )

  app.get(
    '/:thread_id',
    {
      schema: {
        ...shared,
        summary: 'Read a thread',
        params: threadPathSchema,
        response: { 200: threadSchema, ...refusals },
      },
    },
    async (request) => {
      const user = userOf(request)
      await requirePermission(policy, user, 'conversation.read')
      const thread = await threads.find(request.params.thread_id, user)
      // Word for word the same for a thread of another user.
      if (!thread) throw new HttpError(404, 'Thread not found')
      return thread
    },
  )
}
