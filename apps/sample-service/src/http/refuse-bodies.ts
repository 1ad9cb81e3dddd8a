import type { FastifyInstance } from 'fastify'

import { errorSchema } from '../schemas/problem.ts'

/**
 * Describes what every route with a body can answer before it is asked: 413 for a body that is too large, 415 for one
 * that is no JSON. They have the shape of the other errors of the route.
 */
export function describeRefusedBodies(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (!route.schema?.body) return
    const response = (route.schema.response ?? {}) as Record<number, unknown>
    const refusal = response[401] ?? response[404] ?? errorSchema
    route.schema = { ...route.schema, response: { 413: refusal, 415: refusal, ...response } }
  })
}
