import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { healthSchema, overall, probe, type Probe } from './health.ts'

export interface HealthRoutesOptions {
  name: string
  version: string
  roles: readonly string[]
  database: Probe
  cache: Probe
  bus: Probe
  model: string
}

/** What the platform is, and whether each of its dependencies answers. */
export const healthRoutes: FastifyPluginAsyncZod<HealthRoutesOptions> = async (app, options) => {
  const { name, version, roles, model } = options
  app.get(
    '/health',
    {
      schema: {
        tags: ['Health & Status'],
        summary: 'Whether the platform and its dependencies answer',
        response: { 200: healthSchema, 503: healthSchema },
      },
    },
    async (_request, reply) => {
      const [database, redis, kafka] = await Promise.all([
        probe(options.database),
        probe(options.cache),
        probe(options.bus),
      ])
      const status = overall(database, [redis, kafka])
      const health = { status, version, roles: [...roles], database, redis, kafka, model: { kind: model } }
      return reply.code(status === 'unhealthy' ? 503 : 200).send(health)
    },
  )

  app.get(
    '/',
    {
      schema: {
        tags: ['Health & Status'],
        summary: 'What this service is',
        response: { 200: z.object({ name: z.string(), version: z.string(), docs: z.string(), openapi: z.string() }) },
      },
    },
    () => ({ name, version, docs: '/docs', openapi: '/openapi.json' }),
  )
}
