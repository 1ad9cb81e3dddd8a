import { CallShelf } from './call-shelf.ts'
import { keyText, without } from './canonical.ts'
import type { LiveCall, RecordedCall } from './recorded-call.ts'

/** What calls without a test are kept under. */
const NOBODY = '\u0000'

/** What all calls are kept under that several tests may have made. */
export const SHARED = '\u0001'

/** Which recorded calls there are, and which of them are used. */
export class CallPool {
  readonly #shelves = new Map<string, CallShelf>()
  readonly #byOperation = new Map<string, RecordedCall[]>()
  readonly #reusable = new Map<string, CallShelf>()
  readonly #byTest = new Map<string, RecordedCall[]>()
  readonly #dependencies = new Set<string>()
  /** What recordings leave out of keys, each combination once. */
  readonly #unrecorded = new Map<string, readonly string[]>([['', []]])
  readonly #used = new Set<RecordedCall>()
  /** Tests of which nobody knows all the calls. */
  readonly #sharing = new Set<string>()
  readonly #turns = new Map<RecordedCall, number>()

  constructor(calls: Iterable<RecordedCall>) {
    for (const call of calls) {
      this.#dependencies.add(call.dependency)
      const { unrecorded = [] } = call
      this.#unrecorded.set(unrecorded.join(), unrecorded)
      push(this.#byOperation, operationKey(call), call)
      if (call.lifetime !== 'test') {
        shelfIn(this.#reusable, operationKey(call)).calls.push(call)
        continue
      }
      for (const test of call.tests.length === 0 ? [NOBODY] : call.tests) {
        push(this.#byTest, test, call)
        shelfIn(this.#shelves, shelfKey(call, test)).calls.push(call)
        if (call.tests.length > 1) this.#sharing.add(test)
      }
      if (call.tests.length > 1) shelfIn(this.#shelves, shelfKey(call, SHARED)).calls.push(call)
    }
  }

  use(call: RecordedCall): void {
    if (call.lifetime === 'test') this.#used.add(call)
  }

  /** Whether a test may have made calls that are written to others too. */
  shares(test: string): boolean {
    return this.#sharing.has(test)
  }

  isUsed(call: RecordedCall): boolean {
    return this.#used.has(call)
  }

  restore(test: string): void {
    for (const call of this.#byTest.get(test) ?? []) this.#used.delete(call)
    // Others may have had a part in these calls.
    for (const shelf of this.#shelves.values()) shelf.rewind()
  }

  unused(tests: readonly string[] | undefined): RecordedCall[] {
    const names = tests ?? [...this.#byTest.keys()]
    return [...new Set(names.flatMap((name) => this.#byTest.get(name) ?? []))].filter((call) => !this.#used.has(call))
  }

  /** Texts of keys that equal a live one, in all that the recording tells. */
  texts(live: LiveCall): ReadonlySet<string> {
    if (this.#unrecorded.size === 1) return new Set([keyText(live.key)])
    return new Set([...this.#unrecorded.values()].map((fields) => keyText(without(live.key, fields))))
  }

  /** The first unused call of a test (or of none) whose key is one of these texts. */
  exact(live: LiveCall, keys: ReadonlySet<string>, test: string | undefined): RecordedCall | undefined {
    const shelf = this.#shelves.get(shelfKey(live, test ?? NOBODY))
    for (const key of shelf === undefined ? [] : keys) {
      const found = shelf?.queue(this.#place(live), key)?.firstUnused(this.#used)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Whether a test (or none) has calls of this protocol and operation at all. */
  holds(live: LiveCall, test: string | undefined): boolean {
    return this.#shelves.has(shelfKey(live, test ?? NOBODY))
  }

  /** Calls of a test (or of none), used or not, whose key is one of these texts. */
  same(live: LiveCall, keys: ReadonlySet<string>, test: string | undefined): RecordedCall[] {
    const shelf = this.#shelves.get(shelfKey(live, test ?? NOBODY))
    return [...keys].flatMap((key) => shelf?.queue(this.#place(live), key)?.calls ?? [])
  }

  *unusedOf(live: LiveCall, test: string | undefined): Generator<RecordedCall> {
    const shelf = this.#shelves.get(shelfKey(live, test ?? NOBODY))
    for (const call of shelf?.unused(this.#used) ?? []) {
      if (this.#leadsThere(call, live)) yield call
    }
  }

  used(live: LiveCall): RecordedCall[] {
    return this.all(live).filter((call) => this.#used.has(call))
  }

  reusable(live: LiveCall): RecordedCall[] {
    const calls = this.#reusable.get(operationKey(live))?.calls ?? []
    return calls.filter((call) => this.#leadsThere(call, live))
  }

  /** The next of the calls that are answered again and again and whose key is one of these texts, in turn. */
  nextSame(live: LiveCall, keys: ReadonlySet<string>): RecordedCall | undefined {
    const shelf = this.#reusable.get(operationKey(live))
    for (const key of shelf === undefined ? [] : keys) {
      const found = shelf?.queue(this.#place(live), key)?.inTurn()
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Goes through calls that are answered again and again in recorded order, and stays with the last. */
  nextReusable(calls: readonly RecordedCall[]): RecordedCall | undefined {
    let fewest: RecordedCall | undefined
    for (const call of calls) {
      if (fewest === undefined || (this.#turns.get(call) ?? 0) < (this.#turns.get(fewest) ?? 0)) fewest = call
    }
    if (fewest !== undefined) this.#turns.set(fewest, (this.#turns.get(fewest) ?? 0) + 1)
    return fewest
  }

  /** Every call of the protocol and operation, used or not. */
  all(live: LiveCall): RecordedCall[] {
    return (this.#byOperation.get(operationKey(live)) ?? []).filter((call) => this.#leadsThere(call, live))
  }

  /** The dependency whose calls count for a live one; nothing where all do. */
  #place(live: LiveCall): string | undefined {
    return this.#dependencies.has(live.dependency) ? live.dependency : undefined
  }

  /** Where the recording knows the dependency, only its calls count; else the service may be configured otherwise here. */
  #leadsThere(call: RecordedCall, live: LiveCall): boolean {
    return call.dependency === live.dependency || !this.#dependencies.has(live.dependency)
  }
}

interface Named {
  readonly protocol: string
  readonly operation: string
}

function operationKey({ protocol, operation }: Named): string {
  return `${protocol} ${operation}`
}

function shelfKey(call: Named, test: string): string {
  return `${test}\n${operationKey(call)}`
}

function shelfIn(map: Map<string, CallShelf>, key: string): CallShelf {
  const shelf = map.get(key) ?? new CallShelf()
  map.set(key, shelf)
  return shelf
}

function push(map: Map<string, RecordedCall[]>, key: string, call: RecordedCall): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [call])
  else list.push(call)
}
