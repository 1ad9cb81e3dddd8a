import { LlmError } from '../llm-error.ts'
import type { ScriptPad } from '../script/script-pad.ts'
import { type RestRoutes, RestState, routesOf } from './rest-scope.ts'
import { type RestServer, type RestServerOptions, startRestServer } from './rest-server.ts'
import type { RestStep } from './rest-step.ts'

/**
 * Describes any REST upstream for a test, and starts it on 127.0.0.1. Requests that no route expects are answered 500 and
 * reported with what was asked. A builder makes one server.
 *
 * @example
 * await using api = await new MockApiBuilder()
 *   .get('/users/:id').always(({ params }) => ({ json: { id: params.id } }))
 *   .post('/orders').once(faults.status(503), { status: 201, json: { id: 1 } })
 *   .start()
 * await fetch(`${api.baseUrl}/users/7`)
 */
export class MockApiBuilder implements RestRoutes<MockApiBuilder> {
  readonly #own = new RestState('')
  readonly #routes: RestRoutes<this>
  readonly #options: RestServerOptions
  #started = false

  constructor(options: RestServerOptions = {}) {
    this.#options = options
    this.#routes = routesOf(() => this, this.#own)
  }

  /** Any method: `route('PATCH', '/users/:id')`; `*` for all, `/files/*` for everything below a path. */
  route(method: string, path: string): ScriptPad<this, RestStep> {
    return this.#routes.route(method, path)
  }

  get(path: string): ScriptPad<this, RestStep> {
    return this.#routes.get(path)
  }

  post(path: string): ScriptPad<this, RestStep> {
    return this.#routes.post(path)
  }

  put(path: string): ScriptPad<this, RestStep> {
    return this.#routes.put(path)
  }

  patch(path: string): ScriptPad<this, RestStep> {
    return this.#routes.patch(path)
  }

  delete(path: string): ScriptPad<this, RestStep> {
    return this.#routes.delete(path)
  }

  /**
   * Starts the server.
   *
   * @throws {LlmError} `KEPLOY_LLM_LISTEN` when no port can be had; `KEPLOY_LLM_OPTION` when it was started before
   */
  async start(): Promise<RestServer> {
    if (this.#started) {
      throw new LlmError('KEPLOY_LLM_OPTION', 'A builder makes one server; make another builder for another server.')
    }
    this.#started = true
    return startRestServer(this.#options, this.#own)
  }
}
