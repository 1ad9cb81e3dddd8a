import { normalizeKey } from '../forms/key-context.ts'
import type { Occurrence, PlannedKind } from './binding-plan.ts'
import type { Route } from './route.ts'

/** A value of a response that may turn out to be planned. Large sets have many: what nearly none needs is left out. */
export interface Draft {
  readonly recorded: string
  readonly kind: PlannedKind
  readonly form: string
  readonly entity: string | undefined
  readonly producer: number
  readonly where: string
  readonly firstKey: string | undefined
  readonly clientKeys: ReadonlySet<string>
  storedKeys: ReadonlySet<string>
  /** Set once it is known that the service made the value up. */
  planned: boolean
  /** Tests whose requests carried it. */
  consumers: number[] | undefined
  /** The last changing request that carried the value: what comes after it depends on it, as it does on those before. */
  touched: number | undefined
}

/** What is kept of a test that was read; its leaves are looked at again when they turn out to hold planned values. */
export interface Seen {
  readonly name: string
  readonly route: Route
  readonly safe: boolean
  readonly at: number
  /** What its response may hold; undefined when that has to be looked at. */
  readonly hashes: Uint32Array | undefined
  occurrences: readonly Occurrence[]
}

export const NO_FIELDS: ReadonlySet<string> = new Set()
const singles = new Map<string, ReadonlySet<string>>()

/** A set with one field more. Nearly every value is seen under one field, so sets of one are shared. */
export function fieldSet(before: ReadonlySet<string>, field: string | undefined): ReadonlySet<string> {
  const name = normalizeKey(field ?? '')
  if (before.has(name)) return before
  if (before.size > 0) return new Set([...before, name])
  let single = singles.get(name)
  if (single === undefined) {
    if (singles.size > 5000) singles.clear()
    single = new Set([name])
    singles.set(name, single)
  }
  return single
}

/** Texts that many values share, such as paths: kept once. */
export class Shared {
  readonly #texts = new Map<string, string>()

  get(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    if (this.#texts.size < 10_000) this.#texts.set(text, text)
    return text
  }
}

/** A copy that does not keep the file alive from which a text was cut. */
export function detach(text: string): string {
  return ` ${text}`.slice(1)
}
