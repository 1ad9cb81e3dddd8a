import type { CallCause } from '@keploy-framework/format'
import type { InboundRequest } from '@keploy-framework/intercept'

/** Requests of one connection that are remembered, for calls that follow their answers. */
const REMEMBERED = 64
/** Connections that are remembered: a recording may go on for ever, and clients open one for each request. */
const CONNECTIONS = 1024
/** Requests that ended and are remembered, for calls that are told of some milliseconds after they were made (Node hook). */
const ENDED = 256
/** How far the clocks of two processes may be apart, in milliseconds. */
const SKEW_MS = 1

/** Which requests to the service are under way, and so may have caused a call that begins now. */
export class CauseFinder {
  /** Exchanges under way, in the order in which they began, with the time when they did. */
  readonly #open = new Map<number, number>()
  readonly #ended: { readonly id: number; readonly from: number; readonly to: number }[] = []
  /** By connection: how many requests it had before those that are remembered, and the ids of these. */
  readonly #connections = new Map<number, { before: number; readonly ids: number[] }>()

  /** `at` in milliseconds since the epoch. */
  opened(id: number, connection: number, at: number): void {
    this.#open.set(id, at)
    const requests = this.#connections.get(connection) ?? { before: 0, ids: [] }
    // Behind all others: what was used last is forgotten last.
    this.#connections.delete(connection)
    this.#connections.set(connection, requests)
    const oldest = this.#connections.size > CONNECTIONS ? this.#connections.keys().next().value : undefined
    if (oldest !== undefined) this.#connections.delete(oldest)
    requests.ids.push(id)
    if (requests.ids.length > REMEMBERED) {
      requests.ids.shift()
      requests.before++
    }
  }

  closed(id: number, at: number): void {
    const from = this.#open.get(id)
    if (from === undefined) return
    this.#open.delete(id)
    this.#ended.push({ id, from, to: at })
    if (this.#ended.length > ENDED) this.#ended.shift()
  }

  /**
   * The cause of a call that began at `at`. `hint` says which request it belongs to, where the code was followed; port 0
   * says that it belongs to none.
   */
  find(
    hint: InboundRequest | undefined,
    at: number,
    connectionAt: (port: number) => number | undefined,
  ): CallCause | undefined {
    if (hint?.clientPort === 0) return undefined
    if (hint !== undefined) {
      const requests = this.#connections.get(connectionAt(hint.clientPort) ?? -1)
      const exchange = requests?.ids[hint.ordinal - requests.before]
      if (exchange !== undefined) return { exchange, certainty: 'known' }
    }
    const [first, ...others] = this.#underWay(at)
    if (first === undefined) return undefined
    if (others.length === 0) return { exchange: first, certainty: 'certain' }
    return { exchange: first, certainty: 'ambiguous', among: [first, ...others] }
  }

  #underWay(at: number): number[] {
    const ended = this.#ended.filter(({ from, to }) => from <= at + SKEW_MS && at <= to).map(({ id }) => id)
    const open = [...this.#open].filter(([, from]) => from <= at + SKEW_MS).map(([id]) => id)
    return [...ended, ...open].sort((a, b) => a - b)
  }
}
