import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'

import { withOptionalBodies } from './optional-bodies.ts'

export interface ApiInfo {
  title: string
  version: string
  description: string
  /** How requests show who sends them; routes name these. */
  securitySchemes?: Record<string, { type: 'http'; scheme: 'bearer'; bearerFormat: string }>
}

/** Describes all routes at `/openapi.json`, and shows them at `/docs` from files of this service alone. */
export async function describeApi(app: FastifyInstance, { securitySchemes, ...info }: ApiInfo): Promise<void> {
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info, ...(securitySchemes && { components: { securitySchemes } }) },
    transform: jsonSchemaTransform,
    transformObject: (document) => withOptionalBodies(jsonSchemaTransformObject(document)),
  })
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    theme: { title: info.title },
    staticCSP: "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'",
  })
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger())
}
