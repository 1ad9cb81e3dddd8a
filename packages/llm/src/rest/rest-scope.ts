import type { ServerResponse } from 'node:http'

import { LlmError } from '../llm-error.ts'
import { ScriptBook } from '../script/script-book.ts'
import { createPad, type ScriptPad } from '../script/script-pad.ts'
import { decode } from '../server/parse-request.ts'
import { type LlmProblem, ProblemLog } from '../server/problem-log.ts'
import { type RestRequest, restRules, type RestStep } from './rest-step.ts'

/** Where routes are written; each method returns the pad on which a route's steps are. */
export interface RestRoutes<Owner> {
  /** Any method: `route('PATCH', '/users/:id')`; `*` for all, `/files/*` for everything below a path. */
  route(method: string, path: string): ScriptPad<Owner, RestStep>
  get(path: string): ScriptPad<Owner, RestStep>
  post(path: string): ScriptPad<Owner, RestStep>
  put(path: string): ScriptPad<Owner, RestStep>
  patch(path: string): ScriptPad<Owner, RestStep>
  delete(path: string): ScriptPad<Owner, RestStep>
}

/** Routes and requests of one test, under a base URL of its own. */
export interface RestScope extends RestRoutes<RestScope>, AsyncDisposable {
  readonly id: string
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly requests: readonly RestRequest[]
  readonly problems: readonly LlmProblem[]
  /**
   * Throws when a request found no step, or when steps were left over. Each is thrown once.
   *
   * @throws {LlmError} `KEPLOY_LLM_UNSCRIPTED`, `KEPLOY_LLM_UNUSED`
   */
  assertComplete(): void
  /** Ends open requests, then does what `assertComplete` does, unless `strict` is false. */
  close(): Promise<void>
}

interface Route {
  readonly method: string
  readonly path: string
  readonly pattern: RegExp
  readonly names: readonly string[]
  readonly book: ScriptBook<RestRequest, RestStep>
}

/** A request while it is being answered. */
export type OpenRestRequest = { -readonly [Key in keyof RestRequest]: RestRequest[Key] }

/** What the server keeps of a scope. */
export class RestState {
  readonly id: string
  readonly requests: OpenRestRequest[] = []
  readonly log = new ProblemLog()
  readonly open = new Set<ServerResponse>()
  readonly #routes: Route[] = []

  constructor(id: string) {
    this.id = id
  }

  book(method: string, path: string): ScriptBook<RestRequest, RestStep> {
    const name = method.toUpperCase()
    const existing = this.#routes.find((route) => route.method === name && route.path === path)
    if (existing !== undefined) return existing.book
    if (!path.startsWith('/'))
      throw new LlmError('KEPLOY_LLM_OPTION', `A route begins with a slash; this one is "${path}".`)
    const names: string[] = []
    const source = path
      .replace(/\/+$/, '')
      .replaceAll(/:(\w+)|\*|[.+?^${}()|[\]\\]/g, (part, param: string | undefined) => {
        if (param !== undefined) names.push(param)
        return param !== undefined ? '([^/]+)' : part === '*' ? '.*' : `\\${part}`
      })
    const book = new ScriptBook<RestRequest, RestStep>(restRules)
    this.#routes.push({ method: name, path, pattern: new RegExp(`^${source}/?$`), names, book })
    return book
  }

  /** The step that answers; the request gets the parameters of its route. */
  take(request: OpenRestRequest): RestStep | undefined {
    for (const route of this.#matching(request)) {
      const found = route.pattern.exec(request.path)!
      request.params = Object.fromEntries(route.names.map((name, index) => [name, decode(found[index + 1] ?? '')]))
      const step = route.book.take(request)
      if (step !== undefined) return step
    }
    return undefined
  }

  /** Why nothing answers a request. */
  explain(request: OpenRestRequest): string {
    const [route] = this.#matching(request)
    const near = route?.book.nearest(request)
    if (route !== undefined && near !== undefined) {
      return `The nearest step of ${route.method} ${route.path} is ${near.script}; but ${near.reasons.join('; and ')}.`
    }
    const others = this.#routes.filter((one) => one.pattern.test(request.path)).map((one) => one.method)
    if (others.length > 0) return `That path takes ${others.join(', ')}.`
    const all = this.#routes.map((one) => `${one.method} ${one.path}`)
    return all.length === 0 ? 'There are no routes.' : `There are the routes ${all.join(', ')}.`
  }

  unused(): string[] {
    return this.#routes.flatMap(({ method, path, book }) => book.unused().map((line) => `${method} ${path}: ${line}`))
  }

  assertComplete(): void {
    this.log.assert(this.id === '' ? 'The API server' : `The API server, test "${this.id}"`, this.unused())
  }

  #matching(request: OpenRestRequest): Route[] {
    return this.#routes.filter(
      ({ method, pattern }) => (method === '*' || method === request.method) && pattern.test(request.path),
    )
  }
}

/** The methods that write routes into a scope. */
export function routesOf<Owner>(owner: () => Owner, state: RestState): RestRoutes<Owner> {
  const route = (method: string, path: string): ScriptPad<Owner, RestStep> =>
    createPad<Owner, RestRequest, RestStep>(owner(), state.book(method, path))
  return {
    route,
    get: (path) => route('GET', path),
    post: (path) => route('POST', path),
    put: (path) => route('PUT', path),
    patch: (path) => route('PATCH', path),
    delete: (path) => route('DELETE', path),
  }
}
