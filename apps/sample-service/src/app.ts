import { randomUUID } from 'node:crypto'

import type { FastifyInstance, FastifyServerOptions } from 'fastify'

import { createHttpApp } from './http/create-http-app.ts'
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
  const app = await createHttpApp({
    title: NAME,
    version: VERSION,
    description: 'Sessions of interactive stories.',
    logger,
  })
  await app.register(systemRoutes, { name: NAME, version: VERSION, store })
  await app.register(sessionRoutes, { prefix: '/api/v1/sessions', store, newId, now })
  return app
}
