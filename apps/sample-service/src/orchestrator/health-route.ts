import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { z } from 'zod'

import { dependencyHealthSchema, healthSchema, overall, probe, type Probe } from '../gateway/health.ts'

export interface ApiHealthOptions {
  database: Probe
  cache: Probe
}

const apiHealthSchema = z
  .object({ status: healthSchema.shape.status, database: dependencyHealthSchema, redis: dependencyHealthSchema })
  .meta({ id: 'OrchestratorHealth' })

/** `GET /api/health`: needs no token, so that whatever watches over the process can ask. */
export const apiHealthRoute: FastifyPluginAsyncZod<ApiHealthOptions> = async (app, options) => {
  app.get(
    '/health',
    {
      schema: {
        tags: ['Health & Status'],
        summary: 'Whether the dependencies of the orchestrator answer',
        response: { 200: apiHealthSchema, 503: apiHealthSchema },
      },
    },
    async (_request, reply) => {
      const [database, redis] = await Promise.all([probe(options.database), probe(options.cache)])
      const status = overall(database, [redis])
      return reply.code(status === 'unhealthy' ? 503 : 200).send({ status, database, redis })
    },
  )
}
