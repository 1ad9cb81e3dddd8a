import type { Call, HttpExchange } from '@keploy-framework/format'

import { valuesOfRequest, valuesOfResponse, valuesOfTree, type FlowingValues } from './flowing-values.ts'
import { TransactionOwners } from './transaction-owners.ts'

/** Values that are remembered; a recording with more stays as it is. */
const MOST = 500_000

/**
 * Tells which of several requests under way made a call, by a value of the call that only one of them can have: that one's
 * client sent it, or calls of that one were answered with it or asked with it before. Calls are shown in the order in which
 * they began.
 *
 * Nothing is told where a service could have the value from elsewhere: from its start or its own work, from a request or an
 * answer of which not everything could be looked at, or where values tell different stories. A service that is seen to ask
 * with an id that none of its requests can have given it remembers ids; of such a one nothing is told at all. What cannot be
 * seen is a service that only ever hands ids on between requests that are under way at the same time.
 */
export class ValueFlow {
  /** Who can have each value. */
  readonly #holders = new Map<string, Set<number>>()
  readonly #firstShown = new Map<string, number>()
  readonly #begun = new Map<number, number>()
  readonly #everybody = new Set<string>()
  readonly #opaque = new Set<number>()
  #remembers = false
  #values = 0

  /** Whether the service was seen to ask with an id that it must have remembered. */
  get remembers(): boolean {
    return this.#remembers
  }

  /** Whether there were too many values to tell anything. */
  get full(): boolean {
    return this.#values > MOST
  }

  /** All exchanges come before the first call. */
  addExchange(exchange: HttpExchange): void {
    const { id, request, response } = exchange
    const sent = valuesOfRequest(exchange)
    this.#begun.set(id, request.startedAt)
    if (sent.opaque) this.#opaque.add(id)
    for (const value of namesOf(sent)) {
      this.#show(value, request.startedAt)
      this.#give(value, id)
    }
    if (response !== undefined)
      for (const value of namesOf(valuesOfResponse(exchange))) this.#show(value, response.startedAt)
  }

  /** The exchange that made an ambiguous call, if a value tells. */
  take(call: Call): number | undefined {
    const asked = valuesOfTree(call.request)
    const answered = valuesOfTree(call.response)
    const causes = causesOf(call)
    const owner = causes.length > 1 ? this.#ownerOf(asked, causes) : undefined
    for (const id of asked.ids) {
      const name = `id ${id}`
      const known = this.#firstShown.get(name)
      const given = this.#everybody.has(name) || causes.some((cause) => this.#has(cause, name))
      if (known !== undefined && known < call.startedAt && !given) this.#remembers = true
    }
    const own = owner === undefined ? causes : [owner]
    for (const value of [...namesOf(asked), ...namesOf(answered)]) {
      this.#show(value, call.startedAt)
      if (own.length === 0 || call.lifetime !== 'test') this.#everybody.add(value)
      else for (const cause of own) this.#give(value, cause)
    }
    // Who was answered with what nobody can look through may ask with anything from here on.
    if (answered.opaque) for (const cause of own) this.#opaque.add(cause)
    return owner
  }

  #ownerOf(asked: FlowingValues, causes: readonly number[]): number | undefined {
    if (this.full || causes.some((cause) => this.#opaque.has(cause) || !this.#begun.has(cause))) return undefined
    const owners = new Set<number>()
    const possible: (readonly number[])[] = []
    for (const value of namesOf(asked)) {
      if (this.#everybody.has(value)) continue
      const holders = causes.filter((cause) => this.#has(cause, value))
      const [holder] = holders
      if (holder === undefined) continue
      possible.push(holders)
      // A text counts where nobody else ever sent it, and nobody showed it before.
      const counts =
        value.startsWith('id ') ||
        (this.#holders.get(value)?.size === 1 && this.#firstShown.get(value) === this.#begun.get(holder))
      if (counts && holders.length === 1) owners.add(holder)
    }
    const [owner] = owners
    return owner !== undefined && possible.every((holders) => holders.includes(owner)) ? owner : undefined
  }

  #has(exchange: number, value: string): boolean {
    return this.#holders.get(value)?.has(exchange) === true
  }

  #give(value: string, exchange: number): void {
    const holders = this.#holders.get(value)
    if (holders === undefined) {
      this.#values += 1
      if (!this.full) this.#holders.set(value, new Set([exchange]))
    } else if (!holders.has(exchange)) {
      this.#values += 1
      if (!this.full) holders.add(exchange)
    }
  }

  #show(value: string, at: number): void {
    const known = this.#firstShown.get(value)
    if (known === undefined ? !this.full : at < known) this.#firstShown.set(value, at)
  }
}

/** The exchanges that may have made a call. */
function causesOf({ cause }: Call): readonly number[] {
  return cause === undefined ? [] : (cause.among ?? [cause.exchange])
}

function namesOf({ ids, texts }: FlowingValues): string[] {
  return [...[...ids].map((id) => `id ${id}`), ...[...texts].map((text) => `text ${text}`)]
}

/**
 * The exchanges of ambiguous calls that values tell, by the ids of calls. Calls are read in the order in which they began.
 */
export async function causesByValue(
  exchanges: AsyncIterable<HttpExchange>,
  calls: AsyncIterable<Call>,
): Promise<ReadonlyMap<number, number>> {
  const flow = new ValueFlow()
  const transactions = new TransactionOwners()
  const found = new Map<number, number>()
  for await (const exchange of exchanges) flow.addExchange(exchange)
  for await (const call of calls) {
    const owner = flow.take(call)
    if (owner !== undefined) found.set(call.id, owner)
    const sure = call.cause?.certainty === 'ambiguous' ? undefined : call.cause?.exchange
    for (const [id, exchange] of transactions.take(call, owner ?? sure)) found.set(id, exchange)
    if (flow.full || flow.remembers) return new Map()
  }
  return found
}
