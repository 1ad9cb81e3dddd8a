import { dependencyName, type ClientSide, type Route, type ServedConnection } from '@keploy-framework/intercept'
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

/** How long a relay keeps a connection that the service says nothing on, in milliseconds. */
const SILENCE_MS = 20

/** Refuses a connection as it was when it was recorded: a relay has taken it already then, and breaks it. */
export function refuseConnection(client: ClientSide, reason: string): ServedConnection {
  if (client.refuse !== undefined) {
    client.refuse(reason)
    return { push: () => undefined, end: () => undefined, close: () => undefined }
  }
  const timer = setTimeout(() => client.close('reset'), SILENCE_MS)
  const reset = (): void => {
    clearTimeout(timer)
    queueMicrotask(() => client.close('reset'))
  }
  return { push: reset, end: reset, close: () => clearTimeout(timer) }
}
