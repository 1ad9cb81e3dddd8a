import { randomUUID } from 'node:crypto'

import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { serializerCompiler } from 'fastify-type-provider-zod'

import { errorHandler, notFoundHandler } from './http/error-handler.ts'
import { describeApi } from './http/openapi.ts'
import { validationCompiler } from './http/validation.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { systemRoutes } from './routes/system.ts'
import type { SessionStore } from './store/session-store.ts'

const NAME = 'Sessions API'
const VERSION = '1.0.0'

export interface AppOptions {
  /** Where sessions are kept; the caller opens and closes it. */
  store: SessionStore
  /** Fastify's logger option. Default: no log. */
  logger?: FastifyServerOptions['logger']
  /** Makes the id of a new session. Default: a random UUID. */
  newId?: () => string
  /** The clock behind `created_at`. Default: the system's. */
  now?: () => Date
}

/**
 * Builds the service without listening, so that a test can drive it through `app.inject()`.
 *
 * @example
 * await using store = await openPgliteStore()
 * const app = await createApp({ store })
 * const answer = await app.inject({ method: 'GET', url: '/health' })
 */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { store, logger = false, newId = randomUUID, now = () => new Date() } = options
  const app = Fastify({
    logger,
    // The id that a client or proxy sent is kept, so that one request can be followed through several logs.
    requestIdHeader: 'x-request-id',
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: true },
    // A URL that cannot be decoded fails before there is a route; it is answered in the same shape.
    frameworkErrors: (error, request, reply) => void errorHandler(error, request, reply),
  })
  app.setValidatorCompiler(validationCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(errorHandler)
  app.setNotFoundHandler(notFoundHandler)
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
  })

  await describeApi(app, { title: NAME, version: VERSION })
  await app.register(systemRoutes, { name: NAME, version: VERSION, store })
  await app.register(sessionRoutes, { prefix: '/api/v1/sessions', store, newId, now })
  return app
}
