import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { HttpError } from '../http/http-error.ts'
import { errorSchema, validationErrorSchema } from '../schemas/problem.ts'
import { newSessionSchema, sessionListQuerySchema, sessionPathSchema, sessionSchema } from '../schemas/session.ts'
import type { SessionStore } from '../store/session-store.ts'

export interface SessionRoutesOptions {
  store: SessionStore
  newId: () => string
  now: () => Date
}

const tags = ['Session Management']

/** The sessions API, mounted below `/api/v1/sessions`. */
export const sessionRoutes: FastifyPluginAsyncZod<SessionRoutesOptions> = async (app, { store, newId, now }) => {
  app.post(
    '/',
    {
      schema: {
        tags,
        summary: 'Create a session',
        body: newSessionSchema,
        response: { 201: sessionSchema, 422: validationErrorSchema },
      },
    },
    async (request, reply) => {
      const session = await store.create({
        id: newId(),
        ...request.body,
        status: 'active',
        created_at: now().toISOString(),
      })
      return reply.code(201).header('location', `${app.prefix}/${session.id}`).send(session)
    },
  )

  app.get(
    '/',
    {
      schema: {
        tags,
        summary: 'List sessions, newest first',
        querystring: sessionListQuerySchema,
        response: { 200: z.array(sessionSchema), 422: validationErrorSchema },
      },
    },
    (request) => store.list(request.query),
  )

  app.get(
    '/:session_id',
    {
      schema: {
        tags,
        summary: 'Read a session',
        params: sessionPathSchema,
        response: { 200: sessionSchema, 404: errorSchema, 422: validationErrorSchema },
      },
    },
    async (request) => {
      const session = await store.find(request.params.session_id)
      if (!session) throw new HttpError(404, 'Session not found')
      return session
    },
  )

  app.delete(
    '/:session_id',
    {
      schema: {
        tags,
        summary: 'Delete a session',
        params: sessionPathSchema,
        response: { 204: z.undefined().describe('Deleted'), 404: errorSchema, 422: validationErrorSchema },
      },
    },
    async (request, reply) => {
      const removed = await store.remove(request.params.session_id)
      if (!removed) throw new HttpError(404, 'Session not found')
      return reply.code(204).send()
    },
  )
}
