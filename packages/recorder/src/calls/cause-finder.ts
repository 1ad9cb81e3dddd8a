import type { CallCause } from '@keploy-framework/format'
import type { InboundRequest } from '@keploy-framework/intercept'

/** Requests of one connection that are remembered, for calls that follow their answers. */
const REMEMBERED = 64

/** Which requests to the service are under way, and so may have caused a call that begins now. */
export class CauseFinder {
  /** Ids of exchanges under way, in the order in which they began. */
  readonly #open = new Set<number>()
  /** By connection: how many requests it had before those that are remembered, and the ids of these. */
  readonly #connections = new Map<number, { before: number; readonly ids: number[] }>()

  opened(id: number, connection: number): void {
    this.#open.add(id)
    const requests = this.#connections.get(connection) ?? { before: 0, ids: [] }
    this.#connections.set(connection, requests)
    requests.ids.push(id)
    if (requests.ids.length > REMEMBERED) {
      requests.ids.shift()
      requests.before++
    }
  }

  closed(id: number): void {
    this.#open.delete(id)
  }

  gone(connection: number): void {
    this.#connections.delete(connection)
  }

  /** The cause of a call that begins now. `hint` says which request it belongs to, where the code was followed. */
  find(hint: InboundRequest | undefined, connectionAt: (port: number) => number | undefined): CallCause | undefined {
    if (hint !== undefined) {
      const requests = this.#connections.get(connectionAt(hint.clientPort) ?? -1)
      const exchange = requests?.ids[hint.ordinal - requests.before]
      if (exchange !== undefined) return { exchange, certainty: 'known' }
    }
    const [first, ...others] = this.#open
    if (first === undefined) return undefined
    if (others.length === 0) return { exchange: first, certainty: 'certain' }
    return { exchange: first, certainty: 'ambiguous', among: [first, ...others] }
  }
}
