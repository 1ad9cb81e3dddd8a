import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'

import { bearer, requireUser, userOf } from '../auth/require-user.ts'
import type { TokenVerifier } from '../auth/token-verifier.ts'
import { decodeCursor } from '../database/page.ts'
import { HttpError } from '../http/http-error.ts'
import { RequestValidationError } from '../http/validation.ts'
import { idempotencyHeaderSchema } from '../idempotency/idempotency-key.ts'
import type { PolicyClient } from '../policy/policy-client.ts'
import { requirePermission } from '../policy/require-permission.ts'
import type { InFlightLimiter } from '../rate-limit/in-flight-limiter.ts'
import { limitRequests } from '../rate-limit/limit-requests.ts'
import { errorSchema, validationErrorSchema } from '../schemas/problem.ts'
import type { Conversations } from './conversations.ts'
import {
  acceptedMessageSchema,
  eventListQuerySchema,
  eventPageSchema,
  eventPathSchema,
  eventSchema,
  newMessageSchema,
  sessionPathSchema,
} from './schemas.ts'
import { speakerOf } from './speaker-of.ts'

export interface ConversationRoutesOptions {
  conversations: Conversations
  verifier: TokenVerifier
  policy: PolicyClient
  limiter: InFlightLimiter
}

const tags = ['Conversations']
const security = bearer
const refusals = {
  401: errorSchema,
  403: errorSchema,
  404: errorSchema,
  422: validationErrorSchema,
  429: errorSchema,
  503: errorSchema,
}

/** Messages of users, and what was said in their sessions; mounted below `/v1/session`. */
export const conversationRoutes: FastifyPluginAsyncZod<ConversationRoutesOptions> = async (app, options) => {
  const { conversations, verifier, policy, limiter } = options
  requireUser(app, verifier)
  limitRequests(app, limiter)

  app.post(
    '/message',
    {
      schema: {
        tags,
        security,
        summary: 'Say something',
        description:
          'Answers as soon as the message is stored. The answer to it comes on the WebSocket `/v1/session/{session_id}/stream` and stands in the list of events.',
        headers: idempotencyHeaderSchema,
        body: newMessageSchema,
        response: { 202: acceptedMessageSchema, ...refusals },
      },
    },
    async (request, reply) => {
      await requirePermission(policy, userOf(request), 'conversation.write', request.body.persona_id)
      const { event } = await conversations.accept(request.body, speakerOf(request))
      const { session_id, event_id } = event
      return reply.code(202).send({ session_id, event_id })
    },
  )

  app.get(
    '/:session_id/events',
    {
      schema: {
        tags,
        security,
        summary: 'List what was said in a session, newest first',
        params: sessionPathSchema,
        querystring: eventListQuerySchema,
        response: { 200: eventPageSchema, ...refusals },
      },
    },
    async (request) => {
      await requirePermission(policy, userOf(request), 'conversation.read')
      const { limit, before: cursor } = request.query
      const before = cursor === undefined ? undefined : decodeCursor(cursor)
      if (cursor !== undefined && before === undefined) {
        const problem = {
          loc: ['query', 'before'],
          msg: 'Not a cursor of this list',
          type: 'value_error',
          input: cursor,
        }
        throw new RequestValidationError([problem])
      }
      const page = await conversations.list(request.params.session_id, userOf(request), {
        limit,
        ...(before !== undefined && { before }),
      })
      return { events: page.items, next: page.next ?? null }
    },
  )

  app.get(
    '/:session_id/events/:event_id',
    {
      schema: {
        tags,
        security,
        summary: 'Read one event of a session',
        params: eventPathSchema,
        response: { 200: eventSchema, ...refusals },
      },
    },
    async (request) => {
      await requirePermission(policy, userOf(request), 'conversation.read')
      const { session_id, event_id } = request.params
      const event = await conversations.find(session_id, event_id, userOf(request))
      if (!event) throw new HttpError(404, 'Event not found')
      return event
    },
  )
}
