import type { Value } from '@keploy-framework/format'

import { BindingTable } from '../bindings/binding-table.ts'
import { planBindings } from '../bindings/plan-bindings.ts'
import { BackgroundWork } from './background-work.ts'
import { CallBindings, type Clock } from './call-bindings.ts'
import { CallPool, SHARED } from './call-pool.ts'
import { keyText, skeleton, without } from './canonical.ts'
import { TreeComparison } from './compare-trees.ts'
import { findNearest } from './find-nearest.ts'
import type { ActiveTest, CallMatch, LiveCall, RecordedCall } from './recorded-call.ts'
import { substituteTree } from './substitute-tree.ts'

/** Calls of an operation that are looked at to say why none answers. */
const MAX_EXPLAINED = 1000

export interface CallMatcherOptions {
  /** Calls that may be answered more often than they were recorded, as somebody said. Default: none. */
  readonly mayRepeat?: (call: RecordedCall) => boolean
}

/** What recorded values stand for, for the tests of one chain. */
interface Values {
  readonly table: BindingTable
  readonly bindings: CallBindings
}

/**
 * Finds the recorded answer to a live call: the same request after live values took the place of recorded ones, else one
 * that differs only in generated values that met nobody yet, else nothing. Calls of tests that are under way come first,
 * then what the service did by itself, then what sets connections up. A call is used once, in recorded order; what the
 * service asks by itself again and again is answered as often as it asks (`BackgroundWork`). Tests that share a table share what calls have bound; to others a recorded value stands for itself until they bind it, so that
 * nothing depends on which of them was first.
 *
 * @example
 * const matcher = new CallMatcher(calls)
 * const match = matcher.answer(live, [{ name: 'post-users-1', table }])
 */
export class CallMatcher {
  readonly #pool: CallPool
  readonly #background: BackgroundWork
  /** What was bound while no test was there: of use to all. */
  readonly #none: Values = { table: new BindingTable(planBindings([])), bindings: new CallBindings() }
  readonly #values = new WeakMap<BindingTable, Values>()
  readonly #options: CallMatcherOptions

  constructor(calls: Iterable<RecordedCall>, options: CallMatcherOptions = {}) {
    const all = [...calls]
    this.#pool = new CallPool(all)
    this.#background = new BackgroundWork(all, (call) => this.#pool.isUsed(call))
    this.#options = options
  }

  /** Recorded calls of tests that nothing has asked for, of these tests or of all. */
  unused(tests?: readonly string[]): RecordedCall[] {
    return this.#pool.unused(tests)
  }

  /** A test is about to be sent: what the service does by itself in its time may come from here on. */
  begin(test: string): void {
    this.#background.begin(test)
  }

  /**
   * What the service had asked before a moment of the recording, in milliseconds since the epoch, and has not asked yet: of
   * tests that were begun, and by itself. What it asks again and again is left out.
   */
  pending(before: number): readonly RecordedCall[] {
    return this.#background.pending(before)
  }

  /** Makes the calls of a test available again, before it is tried once more. */
  restore(test: string): void {
    this.#pool.restore(test)
  }

  /** Counts a call as used that was answered without being asked for (a delivery). */
  use(call: RecordedCall): void {
    this.#pool.use(call)
  }

  /** What a server said by itself, with live values in place of recorded ones. */
  said(call: RecordedCall, tests: readonly ActiveTest[]): Value | undefined {
    return this.#responseOf(call, this.#valuesOf(tests)[0]).response
  }

  answer(live: LiveCall, tests: readonly ActiveTest[]): CallMatch {
    const wanted = this.#pool.texts(live)
    const values = this.#valuesOf(tests)
    const scopes = [
      ...tests.map(({ name, table }) => ({ test: name, values: [this.#of(table)] })),
      { test: undefined, values },
      // Another test may have used up what was this one's, where nobody knows whose it was: then that one's is left.
      ...(tests.some(({ name }) => this.#pool.shares(name)) ? [{ test: SHARED, values }] : []),
    ]
      .filter(({ test }) => this.#pool.holds(live, test))
      .flatMap((scope) => scope.values.map((each) => ({ test: scope.test, values: each })))
    for (const generated of [false, true]) {
      for (const scope of scopes) {
        const looked = scope.test === undefined && !generated ? this.#background.next(live, wanted) : undefined
        if (looked !== undefined) return this.#take(live, looked, undefined, scope.values)
        const fitting = this.#fitting(live, wanted, scope.test, scope.values, generated)
        if (fitting === 'ambiguous') return { type: 'miss', reason: 'ambiguous', ...this.#nearest(live, tests) }
        if (fitting === undefined) continue
        return this.#take(live, fitting, scope.test === SHARED ? undefined : scope.test, scope.values)
      }
    }
    const reusable = this.#reusable(live, wanted, values)
    if (reusable !== undefined) return reusable
    return this.#miss(live, wanted, tests)
  }

  #of(table: BindingTable): Values {
    const known = this.#values.get(table)
    if (known !== undefined) return known
    const values = { table, bindings: new CallBindings(this.#none.bindings) }
    this.#values.set(table, values)
    return values
  }

  /** The values of these tests, of chains that several belong to once. */
  #valuesOf(tests: readonly ActiveTest[]): readonly [Values, ...Values[]] {
    const [first, ...others] = [...new Set(tests.map(({ table }) => this.#of(table)))]
    return first === undefined ? [this.#none] : [first, ...others]
  }

  /** The call of a scope that fits: the first that is equal, or the one that is equal but for generated values. */
  #fitting(
    live: LiveCall,
    wanted: ReadonlySet<string>,
    test: string | undefined,
    values: Values,
    generated: boolean,
  ): RecordedCall | 'ambiguous' | undefined {
    if (!generated) {
      const exact = this.#pool.exact(live, wanted, test)
      if (exact !== undefined && this.#fits(exact, live, values, false)) return exact
    }
    let first: RecordedCall | undefined
    let answer: string | undefined
    for (const call of this.#pool.unusedOf(live, test)) {
      if (!this.#fits(call, live, values, generated)) continue
      if (!generated) return call
      if (first === undefined) first = call
      else if (skeleton(call.response()) !== (answer ??= skeleton(first.response()))) return 'ambiguous'
    }
    return first
  }

  /** Leaves no trace: what the comparison bound is taken back. */
  #fits(call: RecordedCall, live: LiveCall, values: Values, generated: boolean): boolean {
    const { bindings, table } = values
    const mark = bindings.mark(table)
    const fits = compare(call, live, values) && (generated || bindings.isUnchanged(mark, table))
    bindings.rollback(mark, table)
    return fits
  }

  #take(live: LiveCall, call: RecordedCall, test: string | undefined, values: Values): CallMatch {
    compare(call, live, values)
    this.#pool.use(call)
    return { type: 'match', call, ...(test !== undefined && { test }), ...this.#responseOf(call, values) }
  }

  #responseOf(
    call: RecordedCall,
    { bindings, table }: Values,
  ): { response: Value | undefined; missing: readonly number[] } {
    const response = call.response()
    if (response === undefined) return { response, missing: [] }
    const { value, missing } = substituteTree(response, bindings, table)
    return { response: value, missing }
  }

  /** What sets connections up, and what somebody allowed to repeat, is answered again and again. */
  #reusable(
    live: LiveCall,
    wanted: ReadonlySet<string>,
    [values, ...others]: readonly [Values, ...Values[]],
  ): CallMatch | undefined {
    const { mayRepeat } = this.#options
    const fits = (call: RecordedCall): boolean => [values, ...others].some((each) => this.#fits(call, live, each, true))
    const call =
      this.#pool.nextSame(live, wanted) ??
      this.#pool.nextReusable(this.#pool.reusable(live).filter(fits)) ??
      (mayRepeat && this.#pool.used(live).findLast((one) => mayRepeat(one) && fits(one)))
    if (call === undefined) return undefined
    const own = others.length === 0 ? values : [values, ...others].find((each) => this.#fits(call, live, each, true))
    return { type: 'match', call, ...this.#responseOf(call, own ?? values) }
  }

  #miss(live: LiveCall, wanted: ReadonlySet<string>, tests: readonly ActiveTest[]): CallMatch {
    const [values] = this.#valuesOf(tests)
    const names = new Set(tests.map(({ name }) => name))
    const scopes = [...names, undefined]
    const equal = new Set(scopes.flatMap((name) => this.#pool.same(live, wanted, name)))
    const near = this.#pool
      .all(live)
      .slice(0, MAX_EXPLAINED)
      .filter((call) => equal.has(call) || wanted.has(keyText(call.key())) || this.#fits(call, live, values, true))
    const same = [...new Set([...near, ...equal])]
    const own = same.filter((call) => call.tests.length === 0 || call.tests.some((name) => names.has(name)))
    const [first] = same
    if (own.length > 0)
      return { type: 'miss', reason: 'used-up', nearest: own[0]!, differences: [], recorded: own.length }
    if (first !== undefined) return { type: 'miss', reason: 'other-test', nearest: first, differences: [] }
    return { type: 'miss', reason: 'unknown', ...this.#nearest(live, tests) }
  }

  #nearest(live: LiveCall, tests: readonly ActiveTest[]): ReturnType<typeof findNearest> {
    const [values] = this.#valuesOf(tests)
    const names = tests.map(({ name }) => name)
    return findNearest(
      live,
      this.#pool.all(live),
      names,
      (call) => {
        const { bindings, table } = values
        const mark = bindings.mark(table)
        const comparison = new TreeComparison(bindings, table, 20, clockOf(call, live))
        comparison.compare(call.key(), without(live.key, call.unrecorded))
        bindings.rollback(mark, table)
        return comparison.differences
      },
      (call) => this.#pool.isUsed(call),
    )
  }
}

/** Whether a live call asks what a recorded one did; binds what meets for the first time. */
function compare(call: RecordedCall, live: LiveCall, { bindings, table }: Values): boolean {
  const comparison = new TreeComparison(bindings, table, 1, clockOf(call, live))
  return comparison.compare(call.key(), without(live.key, call.unrecorded))
}

function clockOf(call: RecordedCall, live: LiveCall): Clock | undefined {
  return call.at === undefined || live.at === undefined ? undefined : { recorded: call.at, live: live.at }
}
