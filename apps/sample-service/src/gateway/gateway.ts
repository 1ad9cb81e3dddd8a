import type { FastifyBaseLogger } from 'fastify'

import type { Auth } from '../auth/auth.ts'
import { developmentRoutes } from '../auth/development-routes.ts'
import type { SessionOwners } from '../auth/session-owners.ts'
import type { EventBus } from '../bus/event-bus.ts'
import type { SessionCache } from '../cache/session-cache.ts'
import type { Database } from '../database/database.ts'
import { sqlDatabaseOf } from '../database/sql-database.ts'
import { createHttpApp } from '../http/create-http-app.ts'
import type { HttpModule } from '../http/http-module.ts'
import { listen } from '../http/listen.ts'
import { routeUpgrades } from '../http/upgrades.ts'
import type { PolicyClient } from '../policy/policy-client.ts'
import type { InFlightLimiter } from '../rate-limit/in-flight-limiter.ts'
import { sessionRoutes } from '../routes/sessions.ts'
import type { PostgresSessionStore } from '../sessions/postgres-session-store.ts'
import type { ConnectionLimits } from '../sockets/connection-limits.ts'
import { createSqlSessionStore } from '../store/sql-session-store.ts'
import { followBus } from '../stream/follow-bus.ts'
import { SessionStreams } from '../stream/session-streams.ts'
import type { UiStates } from '../ui-state/ui-states.ts'
import { conversationRoutes } from './conversation-routes.ts'
import type { Conversations } from './conversations.ts'
import { healthRoutes } from './health-routes.ts'

const NAME = 'Assistant platform'
const VERSION = '1.0.0'

export interface GatewayOptions {
  log: FastifyBaseLogger
  auth: Auth
  owners: SessionOwners
  policy: PolicyClient
  limiter: InFlightLimiter
  database: Database
  store: PostgresSessionStore
  conversations: Conversations
  uiStates: UiStates
  sockets: { limits: ConnectionLimits; maxMessageBytes: number }
  cache: SessionCache
  bus: EventBus
  /** For `/health`. */
  kinds: { bus: string; model: string }
  roles: readonly string[]
  /** What else this process serves. */
  modules?: readonly HttpModule[]
  newId: () => string
  now: () => Date
}

/** What clients talk to: HTTP and WebSocket. `open` prepares it, `listen` lets clients in. */
export class Gateway implements AsyncDisposable {
  readonly app: Awaited<ReturnType<typeof createHttpApp>>
  readonly #streams: SessionStreams
  readonly #following: AsyncDisposable
  readonly #modules: readonly HttpModule[]

  private constructor(
    app: Gateway['app'],
    streams: SessionStreams,
    following: AsyncDisposable,
    modules: readonly HttpModule[],
  ) {
    this.app = app
    this.#streams = streams
    this.#modules = modules
    this.#following = following
  }

  static async open(options: GatewayOptions): Promise<Gateway> {
    const {
      log,
      auth,
      owners,
      policy,
      limiter,
      database,
      store,
      conversations,
      uiStates,
      sockets,
      cache,
      bus,
      kinds,
      roles,
      modules = [],
      newId,
      now,
    } = options
    const onProblem = (problem: string, error: unknown): void => log.warn({ err: error }, problem)
    const app = await createHttpApp({
      title: NAME,
      version: VERSION,
      description: 'Conversations with an assistant, and sessions of interactive stories.',
      loggerInstance: log,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    })
    await app.register(healthRoutes, {
      name: NAME,
      version: VERSION,
      roles,
      database: { kind: database.kind, ping: () => database.ping() },
      cache: { kind: cache.kind, ping: () => cache.ping() },
      bus: { kind: kinds.bus, ping: () => bus.ping() },
      model: kinds.model,
    })
    await app.register(conversationRoutes, {
      prefix: '/v1/session',
      conversations,
      policy,
      limiter,
      verifier: auth.verifier,
    })
    if (auth.development) await app.register(developmentRoutes, { prefix: '/dev', tokens: auth.development })
    const stories = createSqlSessionStore(sqlDatabaseOf(database.query))
    await app.register(sessionRoutes, { prefix: '/api/v1/sessions', store: stories, newId, now })

    for (const module of modules) await module.register(app)

    const streams = new SessionStreams({
      store,
      owners,
      policy,
      conversations,
      limiter,
      uiStates,
      verifier: auth.verifier,
      onProblem,
      ...sockets,
    })
    const following = await followBus(bus, streams)
    routeUpgrades(app.server, [streams, ...modules.flatMap(({ sockets }) => sockets)], onProblem)
    return new Gateway(app, streams, following, modules)
  }

  /** Resolves with the URL. */
  listen(host: string, port: number): Promise<string> {
    return listen(this.app, host, port)
  }

  /** Says goodbye to the streams, then finishes the requests under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#streams[Symbol.asyncDispose]()
    await Promise.all(this.#modules.map((module) => module[Symbol.asyncDispose]()))
    await this.app.close()
    await this.#following[Symbol.asyncDispose]()
  }
}
