import { canonical, keyText } from './canonical.ts'
import type { LiveCall, RecordedCall } from './recorded-call.ts'

/** Calls that ask the same and belong to no test. */
interface Loop {
  readonly calls: readonly RecordedCall[]
  /** Those that got the usual answer: that there is nothing to do. */
  readonly usual: ReadonlySet<RecordedCall>
}

/** A stretch of the recording: from the first call of a test to the first call of the next one. */
interface Stretch {
  readonly test: string | undefined
  readonly from: number
}

/**
 * What a service does by itself while tests run: how often it looks for work is chance, and when it finds some is not.
 *
 * An answer other than the usual one is due as soon as all that was asked before it in the recording, since its test
 * began, was asked again. Until then, and when nothing else is left, whoever looks gets the usual answer.
 */
export class BackgroundWork {
  readonly #calls: readonly RecordedCall[]
  readonly #isUsed: (call: RecordedCall) => boolean
  readonly #begun = new Set<string>()
  /** How many calls were looked at, and which of them are not made yet. */
  #seen = 0
  #open: RecordedCall[] = []
  #stretches: ReadonlyMap<RecordedCall, Stretch & { readonly index: number }> | undefined
  #loops: ReadonlyMap<string, readonly RecordedCall[]> | undefined
  #dependencies: ReadonlySet<string> | undefined
  readonly #judged = new Map<string, Loop | undefined>()
  #counts: ReadonlyMap<string, number> | undefined

  /** `calls` stand in recorded order. */
  constructor(calls: Iterable<RecordedCall>, isUsed: (call: RecordedCall) => boolean) {
    this.#calls = [...calls].filter(({ lifetime }) => lifetime === 'test')
    this.#isUsed = isUsed
  }

  /** A test is about to be sent. */
  begin(test: string): void {
    this.#begun.add(test)
  }

  /** The answer to a call that is made again and again; nothing where it is none. It may be a used one. */
  next(live: LiveCall, keys: ReadonlySet<string>): RecordedCall | undefined {
    // What waits at the server until there is something would spin. Long polls over HTTP do, too, and can't be told apart.
    if (live.waits === true || live.protocol === 'http' || live.protocol === 'grpc') return undefined
    for (const key of keys) {
      const loop = this.#loop(`${live.protocol} ${live.operation} ${key}`, live.dependency)
      if (loop === undefined) continue
      const unused = loop.calls.filter((call) => !this.#isUsed(call))
      const due = unused.find((call) => !loop.usual.has(call) && this.#isDue(call))
      if (due !== undefined) return due
      return unused.find((call) => loop.usual.has(call)) ?? [...loop.usual].at(-1)
    }
    return undefined
  }

  /**
   * What the service still has to ask of what it had asked before this moment of the recording, loops left out. Moments are
   * given in recorded order; each call is looked at until it was made.
   */
  pending(before: number): readonly RecordedCall[] {
    for (let call = this.#calls[this.#seen]; (call?.at ?? Infinity) < before; call = this.#calls[++this.#seen]) {
      this.#open.push(call!)
    }
    this.#open = this.#open.filter((call) => !this.#isUsed(call) && this.#isExpected(call) && this.#isUnique(call))
    return this.#open
  }

  #isDue(call: RecordedCall): boolean {
    const { test, from, index } = this.#stretchOf(call)
    if (test !== undefined && !this.#begun.has(test)) return false
    return this.#calls
      .slice(from, index)
      .every((earlier) => this.#isUsed(earlier) || !this.#isExpected(earlier) || !this.#isUnique(earlier))
  }

  /** Whether a test that was begun made it, or the service by itself in the time of one. */
  #isExpected(call: RecordedCall): boolean {
    if (call.tests.length > 0) return call.tests.some((test) => this.#begun.has(test))
    const { test } = this.#stretchOf(call)
    return test === undefined || this.#begun.has(test)
  }

  #stretchOf(call: RecordedCall): Stretch & { readonly index: number } {
    this.#stretches ??= stretchesOf(this.#calls)
    return this.#stretches.get(call) ?? { test: undefined, from: 0, index: 0 }
  }

  #isUnique(call: RecordedCall): boolean {
    if (this.#counts === undefined) {
      const counts = new Map<string, number>()
      for (const each of this.#calls) counts.set(nameOf(each), (counts.get(nameOf(each)) ?? 0) + 1)
      this.#counts = counts
    }
    return this.#counts.get(nameOf(call)) === 1
  }

  /** The calls of a dependency, or of all where the recording does not know it: the service is configured otherwise here. */
  #loop(name: string, dependency: string): Loop | undefined {
    this.#loops ??= Map.groupBy(
      this.#calls.filter(({ tests }) => tests.length === 0),
      nameOf,
    )
    this.#dependencies ??= new Set(this.#calls.map((call) => call.dependency))
    const place = this.#dependencies.has(dependency) ? dependency : undefined
    const judged = `${place} ${name}`
    if (!this.#judged.has(judged)) {
      const calls = this.#loops.get(name) ?? []
      this.#judged.set(judged, judge(calls.filter((call) => place === undefined || call.dependency === place)))
    }
    return this.#judged.get(judged)
  }
}

/** What was asked once is no loop, and what was always answered in another way has no usual answer. */
function judge(calls: readonly RecordedCall[]): Loop | undefined {
  if (calls.length < 2) return undefined
  const answers = [...Map.groupBy(calls, (call) => canonical(call.response())).values()]
  const most = answers.reduce((one, other) => (other.length > one.length ? other : one))
  return most.length < 2 ? undefined : { calls, usual: new Set(most) }
}

function stretchesOf(calls: readonly RecordedCall[]): Map<RecordedCall, Stretch & { index: number }> {
  const begun = new Set<string>()
  let stretch: Stretch = { test: undefined, from: 0 }
  return new Map(
    calls.map((call, index) => {
      const [test, other] = call.tests
      if (test !== undefined && other === undefined && !begun.has(test)) {
        begun.add(test)
        stretch = { test, from: index }
      }
      return [call, { ...stretch, index }]
    }),
  )
}

function nameOf(call: RecordedCall): string {
  return `${call.protocol} ${call.operation} ${keyText(call.key())}`
}
