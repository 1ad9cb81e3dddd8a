import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { HttpError } from '../http/http-error.ts'
import { errorSchema } from '../schemas/problem.ts'
import type { SessionStore } from '../store/session-store.ts'

export interface SystemRoutesOptions {
  name: string
  version: string
  store: SessionStore
}

/** What the service is, and whether it can do its work. */
export const systemRoutes: FastifyPluginAsyncZod<SystemRoutesOptions> = async (app, { name, version, store }) => {
  app.get(
    '/health',
    {
      schema: {
        tags: ['Health & Status'],
        summary: 'Whether the service and its database answer',
        response: { 200: z.object({ status: z.literal('healthy'), version: z.string() }), 503: errorSchema },
      },
    },
    async () => {
      try {
        await store.ping()
      } catch (error) {
        throw new HttpError(503, 'The database does not answer', { cause: error })
      }
      return { status: 'healthy' as const, version }
    },
  )

  app.get(
    '/',
    {
      schema: {
        tags: ['Health & Status'],
        summary: 'What this service is',
        response: {
          200: z.object({ name: z.string(), version: z.string(), docs: z.string(), openapi: z.string() }),
        },
      },
    },
    () => ({ name, version, docs: '/docs', openapi: '/openapi.json' }),
  )
}
