import type { Call } from '@keploy-framework/format'

interface OpenTransaction {
  readonly begin: Call
  /** The exchanges that its calls belong to, as far as is known. */
  readonly owners: Set<number>
}

const BEGINS = new Set(['BEGIN', 'START'])
const ENDS = new Set(['COMMIT', 'ROLLBACK', 'END'])

/**
 * Tells whose the statements are that begin and end a transaction: of the one that made all calls between them of which that
 * is known. What else stands between them may be another's, over a connection that requests share.
 */
export class TransactionOwners {
  readonly #open = new Map<number, OpenTransaction>()

  /** `owner`: the exchange of the call, where it is known. Gives the calls that it settles, with their exchange. */
  take(call: Call, owner: number | undefined): readonly (readonly [call: number, exchange: number])[] {
    const { connection, operation } = call
    const open = this.#open.get(connection)
    if (BEGINS.has(operation)) {
      // One within another is no transaction of one request.
      if (open === undefined) this.#open.set(connection, { begin: call, owners: new Set() })
      else open.owners.add(Number.NaN)
      return []
    }
    if (!ENDS.has(operation)) {
      if (owner !== undefined) open?.owners.add(owner)
      return []
    }
    this.#open.delete(connection)
    const [own] = open?.owners ?? []
    if (open === undefined || own === undefined || open.owners.size > 1) return []
    const both = [open.begin, call]
    if (!both.every(({ cause }) => cause !== undefined && (cause.among ?? [cause.exchange]).includes(own))) return []
    return both.filter(({ cause }) => cause?.certainty === 'ambiguous').map(({ id }) => [id, own] as const)
  }
}
