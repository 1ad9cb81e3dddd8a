import { canonical, without } from './canonical.ts'
import type { LiveCall, RecordedCall } from './recorded-call.ts'

/** What calls without a test are kept under. */
const NOBODY = '\u0000'

/** Calls of one protocol and operation that one test caused, in recorded order. */
interface Shelf {
  readonly calls: RecordedCall[]
  /** By the text of their keys; made when it is first asked for. */
  byKey: Map<string, RecordedCall[]> | undefined
}

/** Which recorded calls there are, and which of them are used. */
export class CallPool {
  readonly #shelves = new Map<string, Shelf>()
  readonly #byOperation = new Map<string, RecordedCall[]>()
  readonly #byTest = new Map<string, RecordedCall[]>()
  readonly #dependencies = new Set<string>()
  /** What recordings leave out of keys, each combination once. */
  readonly #unrecorded = new Map<string, readonly string[]>([['', []]])
  readonly #used = new Set<RecordedCall>()
  readonly #turns = new Map<RecordedCall, number>()

  constructor(calls: Iterable<RecordedCall>) {
    for (const call of calls) {
      this.#dependencies.add(call.dependency)
      const { unrecorded = [] } = call
      this.#unrecorded.set(unrecorded.join(), unrecorded)
      push(this.#byOperation, operationKey(call), call)
      if (call.lifetime !== 'test') continue
      for (const test of call.tests.length === 0 ? [NOBODY] : call.tests) {
        push(this.#byTest, test, call)
        const key = shelfKey(call, test)
        const shelf = this.#shelves.get(key) ?? { calls: [], byKey: undefined }
        shelf.calls.push(call)
        this.#shelves.set(key, shelf)
      }
    }
  }

  use(call: RecordedCall): void {
    if (call.lifetime === 'test') this.#used.add(call)
  }

  isUsed(call: RecordedCall): boolean {
    return this.#used.has(call)
  }

  restore(test: string): void {
    for (const call of this.#byTest.get(test) ?? []) this.#used.delete(call)
  }

  unused(tests: readonly string[] | undefined): RecordedCall[] {
    const names = tests ?? [...this.#byTest.keys()]
    return [...new Set(names.flatMap((name) => this.#byTest.get(name) ?? []))].filter((call) => !this.#used.has(call))
  }

  /** Texts of keys that equal a live one, in all that the recording tells. */
  texts(live: LiveCall): ReadonlySet<string> {
    return new Set([...this.#unrecorded.values()].map((fields) => canonical(without(live.key, fields))))
  }

  /** The first unused call of a test (or of none) whose key is one of these texts. */
  exact(live: LiveCall, keys: ReadonlySet<string>, test: string | undefined): RecordedCall | undefined {
    const shelf = this.#shelves.get(shelfKey(live, test ?? NOBODY))
    if (shelf === undefined) return undefined
    shelf.byKey ??= Map.groupBy(shelf.calls, (call) => canonical(call.key()))
    for (const key of keys) {
      const found = shelf.byKey.get(key)?.find((call) => !this.#used.has(call) && this.#leadsThere(call, live))
      if (found !== undefined) return found
    }
    return undefined
  }

  *unusedOf(live: LiveCall, test: string | undefined): Generator<RecordedCall> {
    for (const call of this.#shelves.get(shelfKey(live, test ?? NOBODY))?.calls ?? []) {
      if (!this.#used.has(call) && this.#leadsThere(call, live)) yield call
    }
  }

  used(live: LiveCall): RecordedCall[] {
    return this.all(live).filter((call) => this.#used.has(call))
  }

  reusable(live: LiveCall): RecordedCall[] {
    return this.all(live).filter((call) => call.lifetime !== 'test')
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

function push(map: Map<string, RecordedCall[]>, key: string, call: RecordedCall): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [call])
  else list.push(call)
}
