import type { Value } from '@keploy-framework/format'

import { BindingTable } from '../bindings/binding-table.ts'
import { planBindings } from '../bindings/plan-bindings.ts'
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

/**
 * Finds the recorded answer to a live call: the same request after live values took the place of recorded ones, else one
 * that differs only in generated values that met nobody yet, else nothing. Calls of tests that are under way come first,
 * then what the service did by itself, then what sets connections up. A call is used once, in recorded order.
 *
 * @example
 * const matcher = new CallMatcher(calls)
 * const match = matcher.answer(live, [{ name: 'post-users-1', table }])
 */
export class CallMatcher {
  readonly #pool: CallPool
  readonly #bindings = new CallBindings()
  readonly #none = new BindingTable(planBindings([]))
  readonly #options: CallMatcherOptions

  constructor(calls: Iterable<RecordedCall>, options: CallMatcherOptions = {}) {
    this.#pool = new CallPool(calls)
    this.#options = options
  }

  /** Recorded calls of tests that nothing has asked for, of these tests or of all. */
  unused(tests?: readonly string[]): RecordedCall[] {
    return this.#pool.unused(tests)
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
    return this.#responseOf(call, tests[0]?.table ?? this.#none).response
  }

  answer(live: LiveCall, tests: readonly ActiveTest[]): CallMatch {
    const wanted = this.#pool.texts(live)
    const scopes = [
      ...tests.map((test) => ({ test: test.name, table: test.table })),
      { test: undefined, table: undefined },
      // Another test may have used up what was this one's, where nobody knows whose it was: then that one's is left.
      ...(tests.some(({ name }) => this.#pool.shares(name)) ? [{ test: SHARED, table: undefined }] : []),
    ]
    for (const generated of [false, true]) {
      const found: { call: RecordedCall; test: string | undefined; table: BindingTable }[] = []
      for (const { test, table = tests[0]?.table ?? this.#none } of scopes) {
        const fitting = this.#fitting(live, wanted, test, table, generated)
        if (fitting === 'ambiguous') return { type: 'miss', reason: 'ambiguous', ...this.#nearest(live, tests) }
        if (fitting !== undefined) found.push({ call: fitting, test, table })
        if (found.length > 0) break
      }
      const [first] = found
      if (first !== undefined) {
        const owner = first.test === SHARED ? undefined : first.test
        return this.#take(live, first.call, owner, first.table)
      }
    }
    const reusable = this.#reusable(live, wanted, tests[0]?.table ?? this.#none)
    if (reusable !== undefined) return reusable
    return this.#miss(live, wanted, tests)
  }

  /** The call of a scope that fits: the first that is equal, or the one that is equal but for generated values. */
  #fitting(
    live: LiveCall,
    wanted: ReadonlySet<string>,
    test: string | undefined,
    table: BindingTable,
    generated: boolean,
  ): RecordedCall | 'ambiguous' | undefined {
    if (!generated) {
      const exact = this.#pool.exact(live, wanted, test)
      if (exact !== undefined && this.#fits(exact, live, table, false)) return exact
    }
    let first: RecordedCall | undefined
    let answer: string | undefined
    for (const call of this.#pool.unusedOf(live, test)) {
      if (!this.#fits(call, live, table, generated)) continue
      if (!generated) return call
      if (first === undefined) first = call
      else if (skeleton(call.response()) !== (answer ??= skeleton(first.response()))) return 'ambiguous'
    }
    return first
  }

  /** Leaves no trace: what the comparison bound is taken back. */
  #fits(call: RecordedCall, live: LiveCall, table: BindingTable, generated: boolean): boolean {
    const mark = this.#bindings.mark(table)
    const fits =
      new TreeComparison(this.#bindings, table, 1, clockOf(call, live)).compare(
        call.key(),
        without(live.key, call.unrecorded),
      ) &&
      (generated || this.#bindings.isUnchanged(mark, table))
    this.#bindings.rollback(mark, table)
    return fits
  }

  #take(live: LiveCall, call: RecordedCall, test: string | undefined, table: BindingTable): CallMatch {
    new TreeComparison(this.#bindings, table, 1, clockOf(call, live)).compare(
      call.key(),
      without(live.key, call.unrecorded),
    )
    this.#pool.use(call)
    return { type: 'match', call, ...(test !== undefined && { test }), ...this.#responseOf(call, table) }
  }

  #responseOf(call: RecordedCall, table: BindingTable): { response: Value | undefined; missing: readonly number[] } {
    const response = call.response()
    if (response === undefined) return { response, missing: [] }
    const { value, missing } = substituteTree(response, this.#bindings, table)
    return { response: value, missing }
  }

  /** What sets connections up, and what somebody allowed to repeat, is answered again and again. */
  #reusable(live: LiveCall, wanted: ReadonlySet<string>, table: BindingTable): CallMatch | undefined {
    const { mayRepeat } = this.#options
    const call =
      this.#pool.nextSame(live, wanted) ??
      this.#pool.nextReusable(this.#pool.reusable(live).filter((one) => this.#fits(one, live, table, true))) ??
      (mayRepeat && this.#pool.used(live).findLast((one) => mayRepeat(one) && this.#fits(one, live, table, true)))
    return call && { type: 'match', call, ...this.#responseOf(call, table) }
  }

  #miss(live: LiveCall, wanted: ReadonlySet<string>, tests: readonly ActiveTest[]): CallMatch {
    const table = tests[0]?.table ?? this.#none
    const names = new Set(tests.map(({ name }) => name))
    const scopes = [...names, undefined]
    const equal = new Set(scopes.flatMap((name) => this.#pool.same(live, wanted, name)))
    const near = this.#pool
      .all(live)
      .slice(0, MAX_EXPLAINED)
      .filter((call) => equal.has(call) || wanted.has(keyText(call.key())) || this.#fits(call, live, table, true))
    const same = [...new Set([...near, ...equal])]
    const own = same.filter((call) => call.tests.length === 0 || call.tests.some((name) => names.has(name)))
    const [first] = same
    if (own.length > 0)
      return { type: 'miss', reason: 'used-up', nearest: own[0]!, differences: [], recorded: own.length }
    if (first !== undefined) return { type: 'miss', reason: 'other-test', nearest: first, differences: [] }
    return { type: 'miss', reason: 'unknown', ...this.#nearest(live, tests) }
  }

  #nearest(live: LiveCall, tests: readonly ActiveTest[]): ReturnType<typeof findNearest> {
    const table = tests[0]?.table ?? this.#none
    const names = tests.map(({ name }) => name)
    return findNearest(
      live,
      this.#pool.all(live),
      names,
      (call) => {
        const mark = this.#bindings.mark(table)
        const comparison = new TreeComparison(this.#bindings, table, 20, clockOf(call, live))
        comparison.compare(call.key(), without(live.key, call.unrecorded))
        this.#bindings.rollback(mark, table)
        return comparison.differences
      },
      (call) => this.#pool.isUsed(call),
    )
  }
}

function clockOf(call: RecordedCall, live: LiveCall): Clock | undefined {
  return call.at === undefined || live.at === undefined ? undefined : { recorded: call.at, live: live.at }
}
