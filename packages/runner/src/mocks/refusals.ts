import { dependencyName, type Route } from '@keploy-framework/intercept'
import type { LiveCall, RecordedCall } from '@keploy-framework/match'
import { refusalOf, refusedCall } from '@keploy-framework/wire'

/** Connections that could not be made when they were recorded. */
export class Refusals {
  /** By dependency: whether anything else was recorded of it. */
  readonly #known = new Map<string, { readonly last: RecordedCall; readonly reached: boolean }>()

  constructor(calls: readonly RecordedCall[]) {
    const refused = calls.filter(({ protocol, operation }) => protocol === 'generic' && operation === 'connect')
    for (const last of refused) {
      const reached = calls.some((call) => call.dependency === last.dependency && !refused.includes(call))
      this.#known.set(last.dependency, { last, reached })
    }
  }

  /**
   * Why a connection is to be refused; nothing when it is not. As often as it was recorded, and always where nobody was
   * ever reached.
   */
  reasonFor(route: Route, answer: (live: LiveCall) => RecordedCall | undefined): string | undefined {
    const dependency = [
      route.dependency,
      ...(route.protocol === 'auto' ? [] : [dependencyName(route, route.protocol)]),
    ].find((name) => this.#known.has(name))
    const known = dependency === undefined ? undefined : this.#known.get(dependency)
    if (dependency === undefined || known === undefined) return undefined
    const { protocol, operation, lifetime, request } = refusedCall('')
    const call = answer({ dependency, protocol, operation, lifetime, request, key: request })
    return refusalOf((call ?? (known.reached ? undefined : known.last))?.response())
  }
}
