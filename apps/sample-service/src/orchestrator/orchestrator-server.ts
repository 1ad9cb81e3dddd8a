import type { FastifyBaseLogger, FastifyInstance } from 'fastify'

import type { Auth } from '../auth/auth.ts'
import { developmentRoutes } from '../auth/development-routes.ts'
import { healthRoutes, type HealthRoutesOptions } from '../gateway/health-routes.ts'
import { createHttpApp } from '../http/create-http-app.ts'
import type { HttpModule } from '../http/http-module.ts'
import { listen } from '../http/listen.ts'
import { routeUpgrades } from '../http/upgrades.ts'

export interface OrchestratorServerOptions {
  log: FastifyBaseLogger
  auth: Auth
  orchestration: HttpModule
  health: Omit<HealthRoutesOptions, 'name' | 'version'>
}

const NAME = 'Orchestrator'
const VERSION = '1.0.0'

/** The orchestrator in a process without a gateway. */
export class OrchestratorServer implements AsyncDisposable {
  readonly #app: FastifyInstance
  readonly #orchestration: HttpModule

  private constructor(app: FastifyInstance, orchestration: HttpModule) {
    this.#app = app
    this.#orchestration = orchestration
  }

  static async open({ log, auth, orchestration, health }: OrchestratorServerOptions): Promise<OrchestratorServer> {
    const app = await createHttpApp({
      title: NAME,
      version: VERSION,
      description: 'Tasks for agents, in projects.',
      loggerInstance: log,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    })
    await app.register(healthRoutes, { name: NAME, version: VERSION, ...health })
    if (auth.development) await app.register(developmentRoutes, { prefix: '/dev', tokens: auth.development })
    await orchestration.register(app)
    routeUpgrades(app.server, orchestration.sockets, (problem, error) => log.warn({ err: error }, problem))
    return new OrchestratorServer(app, orchestration)
  }

  /** Resolves with the URL. */
  listen(host: string, port: number): Promise<string> {
    return listen(this.#app, host, port)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orchestration[Symbol.asyncDispose]()
    await this.#app.close()
  }
}
