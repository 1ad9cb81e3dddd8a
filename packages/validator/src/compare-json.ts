import type { Failure } from '@keploy-framework/format'
import { ExactNumber, formatPath } from '@keploy-framework/match'
import type { JsonValue, PathStep } from '@keploy-framework/match'

import { align } from './align.ts'
import type { JsonObject } from './json-values.ts'
import { isInherited, isObject, plain, printOf } from './json-values.ts'
import type { Session } from './session.ts'
import { show, typeName } from './show-value.ts'

/** Deeper documents are compared as text: the walk below would run out of stack. */
const MAX_DEPTH = 800
/** How many arrays of one document are aligned by content; the rest is compared by position. */
const MAX_ALIGNMENTS = 1000
/** How many pairs of elements are looked at where order does not count; beyond, arrays inside arrays keep their order. */
const MAX_SET_PROBES = 1_000_000
/** Fields that tell which thing an object is. */
const IDENTITY = ['id', '_id', 'uuid', 'key', 'name', 'slug', 'code'] as const

/** Thrown by `compareJson` when a document is nested too deeply to be walked. */
class TooDeep extends Error {}

/**
 * Compares two JSON values into the session: the order of keys does not count, that of arrays does unless configured;
 * numbers are exact; an inserted element is one failure. False when the values are nested too deeply: then nothing was
 * compared.
 */
export function compareJson(
  session: Session,
  expected: JsonValue,
  actual: JsonValue,
  kind: Failure['kind'] = 'body',
): boolean {
  const mark = session.mark()
  try {
    new Walk(session, kind).values(expected, actual, 0)
    return true
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error
    session.rollback(mark)
    return false
  }
}

class Walk {
  readonly #session: Session
  readonly #kind: Failure['kind']
  readonly #path: PathStep[] = []
  readonly #watching: boolean
  readonly #schema: boolean
  readonly #unordered: boolean
  /** While probing, the first difference ends the walk and nothing is reported. */
  #probing = false
  #differs = false
  #alignments = 0
  #setProbes = 0

  constructor(session: Session, kind: Failure['kind']) {
    this.#session = session
    this.#kind = kind
    this.#watching = session.watching
    this.#schema = session.options.schemaMatch === true
    this.#unordered = session.options.ignoreOrdering === true
  }

  values(expected: JsonValue, actual: JsonValue, depth: number): void {
    if (typeof expected === 'string' || typeof expected === 'number') {
      if (expected === actual) {
        if (this.#watching && this.#session.watches(String(expected))) this.#leaf(expected, actual, depth)
      } else this.#leaf(expected, actual, depth)
      return
    }
    if (typeof expected !== 'object' || expected === null) {
      if (expected !== actual) this.#leaf(expected, actual, depth)
      return
    }
    if (expected instanceof ExactNumber) this.#exact(expected, actual, depth)
    else if (Array.isArray(expected)) {
      if (Array.isArray(actual)) this.#arrays(expected, actual, depth)
      else this.#typeDiffers(expected, actual, depth)
    } else if (
      typeof actual === 'object' &&
      actual !== null &&
      !Array.isArray(actual) &&
      !(actual instanceof ExactNumber)
    ) {
      this.#objects(expected, actual, depth)
    } else this.#typeDiffers(expected, actual, depth)
  }

  #objects(expected: JsonObject, actual: JsonObject, depth: number): void {
    if (depth > MAX_DEPTH) throw new TooDeep()
    const path = this.#path
    let common = 0
    let missing: string[] | undefined
    for (const key in expected) {
      const other = actual[key]
      if (other === undefined || isInherited(other, actual, key)) {
        missing ??= []
        missing.push(key)
        continue
      }
      common++
      const value = expected[key] as JsonValue
      // Most fields are equal scalars: a call for each would double the time.
      if (value === other && !this.#watching) continue
      path[depth] = key
      this.values(value, other, depth + 1)
      if (this.#differs) return
    }
    let count = 0
    for (const _ in actual) count++
    if (missing !== undefined || count !== common) this.#keysDiffer(expected, actual, missing ?? [], depth)
  }

  /** Keys that stand on one side only. A generated key (a map by id) may stand under its live name. */
  #keysDiffer(expected: JsonObject, actual: JsonObject, missing: readonly string[], depth: number): void {
    const session = this.#session
    const extra = new Set(Object.keys(actual).filter((key) => !Object.hasOwn(expected, key)))
    for (const key of missing) {
      this.#path[depth] = key
      const position = session.bindings.bodyPosition(this.#path, depth + 1, key)
      const known = session.bindings.liveOf(key, {})?.live
      const planned = session.bindings.isPlanned(key, {}) || key.includes('{{secret.')
      const live =
        known ??
        (planned ? [...extra].find((name) => session.bindings.expect(key, name, position) !== 'mismatch') : undefined)
      if (live !== undefined && extra.delete(live)) {
        this.values(expected[key] as JsonValue, actual[live] as JsonValue, depth + 1)
      } else {
        const value = expected[key] as JsonValue
        this.#fail(depth + 1, value, undefined, (where) => `${where} is missing: expected ${show(value)}.`)
      }
      if (this.#differs) return
    }
    for (const key of extra) {
      this.#path[depth] = key
      const value = actual[key] as JsonValue
      this.#fail(depth + 1, undefined, value, (where) => `${where} was not recorded: got ${show(value)}.`)
    }
  }

  #arrays(expected: JsonValue[], actual: JsonValue[], depth: number): void {
    if (depth > MAX_DEPTH) throw new TooDeep()
    if (this.#schema) {
      this.#shapes(expected, actual, depth)
      return
    }
    if (expected.length === actual.length) {
      const mark = this.#session.mark()
      const failing = this.#byPosition(expected, actual, depth)
      if (failing.length === 0 || this.#probing) return
      if (!this.#unordered && !this.#isShifted(expected, actual, failing, depth)) return
      this.#session.rollback(mark)
    } else if (this.#probing && !this.#unordered) {
      this.#differs = true
      return
    }
    if (this.#unordered) this.#asSets(expected, actual, depth)
    else this.#aligned(expected, actual, depth)
  }

  /** Returns the indices of elements that differ. */
  #byPosition(expected: JsonValue[], actual: JsonValue[], depth: number): number[] {
    const { failures } = this.#session
    const failing: number[] = []
    for (let index = 0; index < expected.length; index++) {
      const value = expected[index] as JsonValue
      const other = actual[index] as JsonValue
      if (value === other && !this.#watching) continue
      const before = failures.length
      this.#path[depth] = index
      this.values(value, other, depth + 1)
      if (this.#differs) {
        if (!this.#unordered) return [index]
        // Probed inside a set: the order may still be another.
        if (this.#setProbes > MAX_SET_PROBES) return [index]
        this.#differs = false
        return this.#probeSets(expected, actual, depth)
      }
      if (failures.length > before) failing.push(index)
    }
    return failing
  }

  #probeSets(expected: JsonValue[], actual: JsonValue[], depth: number): number[] {
    const used = new Set<number>()
    for (const value of expected) {
      const found = actual.findIndex((other, index) => {
        this.#setProbes++
        return !used.has(index) && this.#same(value, other, depth)
      })
      if (found === -1) {
        this.#differs = true
        return [0]
      }
      used.add(found)
    }
    return []
  }

  /** Whether elements were moved rather than changed: a neighbour is the same, or the differing ones are other things. */
  #isShifted(expected: JsonValue[], actual: JsonValue[], failing: readonly number[], depth: number): boolean {
    if (failing.length < 2 || this.#alignments >= MAX_ALIGNMENTS) return false
    const first = failing[0] as number
    const last = failing.at(-1) as number
    const same = (a: number, b: number): boolean =>
      a < expected.length && b < actual.length && this.#same(expected[a] as JsonValue, actual[b] as JsonValue, depth)
    return same(first, first + 1) || same(first + 1, first) || same(last, last - 1) || same(last - 1, last)
  }

  #same(expected: JsonValue, actual: JsonValue, depth: number): boolean {
    const outer = this.#probing
    const mark = this.#session.mark()
    this.#probing = true
    this.#path[depth] = 0
    this.values(expected, actual, depth + 1)
    const same = !this.#differs
    this.#probing = outer
    this.#differs = false
    if (!same) this.#session.rollback(mark)
    return same
  }

  #aligned(expected: JsonValue[], actual: JsonValue[], depth: number): void {
    this.#alignments++
    const session = this.#session
    const byPosition = this.#alignments > MAX_ALIGNMENTS
    const steps = align({
      expected: expected.length,
      actual: actual.length,
      same: (a, b) => {
        this.#path[depth] = a
        return this.#same(expected[a] as JsonValue, actual[b] as JsonValue, depth)
      },
      expectedPrint: (index) => (byPosition ? String(index) : printOf(session, expected[index] as JsonValue, true)),
      actualPrint: (index) => (byPosition ? String(index) : printOf(session, actual[index] as JsonValue, false)),
      likeness: (a, b) => this.#likeness(expected[a] as JsonValue, actual[b] as JsonValue, depth),
    })
    for (const step of steps) this.#step(expected, actual, step.expected, step.actual, depth)
  }

  #step(expected: JsonValue[], actual: JsonValue[], a: number | undefined, b: number | undefined, depth: number): void {
    this.#path[depth] = a ?? b ?? 0
    if (a !== undefined && b !== undefined) {
      this.values(expected[a] as JsonValue, actual[b] as JsonValue, depth + 1)
    } else if (a !== undefined) {
      const value = expected[a] as JsonValue
      this.#fail(depth + 1, value, undefined, (where) => `${where} is missing: expected ${show(value)}.`)
    } else {
      const value = actual[b as number] as JsonValue
      this.#fail(depth + 1, undefined, value, (where) => `${where} was added: got ${show(value)}.`)
    }
  }

  #asSets(expected: JsonValue[], actual: JsonValue[], depth: number): void {
    const byPrint = new Map<string, number[]>()
    for (const [index, value] of actual.entries()) {
      const print = printOf(this.#session, value, false)
      const places = byPrint.get(print)
      if (places === undefined) byPrint.set(print, [index])
      else places.push(index)
    }
    const left: number[] = []
    const used = new Set<number>()
    let moved = false
    for (const [index, value] of expected.entries()) {
      const places = byPrint.get(printOf(this.#session, value, true)) ?? []
      const found = places.findIndex((place) => this.#same(value, actual[place] as JsonValue, depth))
      if (found === -1) left.push(index)
      else {
        const [place] = places.splice(found, 1) as [number]
        moved ||= place !== index
        used.add(place)
      }
    }
    const rest = [...actual.keys()].filter((index) => !used.has(index))
    for (let index = 0; index < Math.max(left.length, rest.length); index++) {
      this.#step(expected, actual, left[index], rest[index], depth)
      if (this.#differs) return
    }
    if (moved) this.#session.allow(formatPath('body', this.#path, depth), 'array order')
  }

  /** Types only: each live element is like a recorded one. */
  #shapes(expected: JsonValue[], actual: JsonValue[], depth: number): void {
    if (expected.length === 0) return
    for (const [index, value] of actual.entries()) {
      this.#path[depth] = index
      this.values(expected[Math.min(index, expected.length - 1)] as JsonValue, value, depth + 1)
      if (this.#differs) return
    }
  }

  #likeness(expected: JsonValue, actual: JsonValue, depth: number): number {
    const mark = this.#session.mark()
    const same = this.#same(expected, actual, depth)
    // Likeness only asks: nothing stays bound.
    this.#session.rollback(mark)
    if (same) return 1
    if (!isObject(expected) || !isObject(actual)) return 0
    for (const key of IDENTITY) {
      if (!Object.hasOwn(expected, key) || !Object.hasOwn(actual, key)) continue
      this.#path[depth] = 0
      this.#path[depth + 1] = key
      return this.#sameField(expected, actual, key, depth) ? 0.9 : 0.2
    }
    const keys = Object.keys(expected)
    const equal = keys.filter((key) => Object.hasOwn(actual, key) && this.#sameField(expected, actual, key, depth))
    return equal.length / Math.max(keys.length, Object.keys(actual).length, 1)
  }

  #sameField(expected: JsonObject, actual: JsonObject, key: string, depth: number): boolean {
    const mark = this.#session.mark()
    const [outer, outerDiffers] = [this.#probing, this.#differs]
    this.#probing = true
    this.#path[depth] = 0
    this.#path[depth + 1] = key
    this.values(expected[key] as JsonValue, actual[key] as JsonValue, depth + 2)
    const same = !this.#differs
    this.#probing = outer
    this.#differs = outerDiffers
    this.#session.rollback(mark)
    return same
  }

  #exact(expected: ExactNumber, actual: JsonValue, depth: number): void {
    if ((actual instanceof ExactNumber || typeof actual === 'number') && expected.equals(actual)) {
      if (this.#watching && this.#session.watches(expected.text)) this.#leaf(expected, actual, depth)
    } else this.#leaf(expected, actual, depth)
  }

  #leaf(expected: JsonValue, actual: JsonValue, depth: number): void {
    // A placeholder may stand for a number, which lost its place to a text when it was redacted.
    const type = this.#session.bindings.isSecretNumber(expected) ? 'a number' : typeName(expected)
    if (type !== typeName(actual)) {
      this.#typeDiffers(expected, actual, depth)
      return
    }
    if (this.#schema) return
    let reason = ''
    if (type === 'a string' || type === 'a number') {
      const [recorded, live] = [plain(expected), plain(actual)] as [string | number, string | number]
      const position = this.#session.bindings.bodyPosition(this.#path, depth, String(recorded))
      const found = this.#session.differs(recorded, live, position)
      if (found === undefined) return
      reason = found
    }
    const hidden = typeof expected === 'string' && expected.includes('{{secret.')
    const got = hidden ? 'another value' : show(actual)
    const because = reason === '' ? '' : `: ${reason}`
    this.#fail(
      depth,
      expected,
      hidden ? '(hidden)' : actual,
      (where) => `${where} is ${got} where ${show(expected)} was recorded${because}.`,
    )
  }

  #typeDiffers(expected: JsonValue, actual: JsonValue, depth: number): void {
    const hidden = typeof expected === 'string' && expected.includes('{{secret.')
    const got = hidden ? typeName(actual) : `${typeName(actual)} (${show(actual)})`
    const recorded = hidden ? show(expected) : `${typeName(expected)} (${show(expected)})`
    this.#fail(
      depth,
      expected,
      hidden ? '(hidden)' : actual,
      (where) => `${where} is ${got} where ${recorded} was recorded.`,
    )
  }

  #fail(depth: number, expected: unknown, actual: unknown, message: (where: string) => string): void {
    const session = this.#session
    const path = this.#path.slice(0, depth)
    const rule = session.noise.empty ? undefined : session.noise.body(path, actual)
    if (rule !== undefined) {
      if (!this.#probing) session.allow(formatPath('body', path), rule)
      return
    }
    if (this.#probing) {
      this.#differs = true
      return
    }
    const where = formatPath('body', path)
    session.fail({
      kind: this.#kind,
      path: where,
      ...(expected === undefined ? {} : { expected: plain(expected) }),
      ...(actual === undefined ? {} : { actual: plain(actual) }),
      message: message(path.length === 0 ? 'The body' : where),
    })
  }
}
