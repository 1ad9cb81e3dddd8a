import type { BoundValue, SecretRecord, TestRequest } from '@keploy-framework/format'

import { describeForm, detectForm, isTimeForm, sameForm } from '../forms/detect-form.ts'
import { entityOfWord, normalizeKey } from '../forms/key-context.ts'
import { formatPath, keysOfPath } from '../json/json-leaves.ts'
import type { PathStep } from '../json/json-leaves.ts'
import type { BindingPlan, PlannedTest, PlannedValue, Position } from './binding-plan.ts'
import { isHidden, shown } from './bound-value.ts'
import { valueKey } from './candidates.ts'
import { entityOfField } from './route.ts'
import { sameShape } from './same-shape.ts'
import { Substitution } from './substitute-request.ts'
import { SECRET, hasSecret, tokenize } from './tokens.ts'

/** What comparing one recorded value with its live one came to. `unbound`: no planned value; compare it as it stands. */
export type Expectation = 'equal' | 'bound' | 'mismatch' | 'unbound'

export interface BindingTableOptions {
  /** The value of secret N from the environment or the secrets file; asked only when no response has shown it. */
  readonly lookup?: (number: number) => string | undefined
  /** What the set knows about its secrets: a live one must have the form of the recorded one. */
  readonly secrets?: readonly SecretRecord[]
}

/** A request with live values in place of recorded ones. */
export interface SubstitutedRequest {
  readonly request: TestRequest
  /** The pairs that were put in. */
  readonly used: readonly BoundValue[]
  /** Numbers of secrets that have no value here: the test is blocked. */
  readonly missing: readonly number[]
}

/** One attempt of one test: keep what it bound, or take it back before a retry. */
export interface BindingTransaction {
  commit(): void
  rollback(): void
}

/** One recorded value with one of its live values. */
interface Pair {
  readonly key: string
  readonly recorded: string
  readonly live: string
  readonly form: string
  readonly where: string
  /** For times: the field in which the pair met. */
  readonly field: string
  /** Where injectivity is kept; undefined when two recorded values may share the live one. */
  readonly reverse: string | undefined
}

/** A time may be stored by one request and read back by the next within this, in milliseconds. */
const FRESH = 2000

/**
 * The values of one replay: which live value stands for which recorded one. Tests that share values use one table, one
 * after the other: `beginTest`, `substituteRequest`, the comparison, then `commit`, or `rollback` before a retry.
 *
 * @example
 * const table = new BindingTable(planBindings(tests), { lookup: (number) => secrets.get(number) })
 * const attempt = table.beginTest('get-sessions-by-id-1')
 * const { request, missing } = table.substituteRequest(test.request)
 * attempt.commit()
 */
export class BindingTable {
  readonly plan: BindingPlan
  /** Why the last `expect` came to `mismatch`: a part of a sentence. */
  reason = ''
  readonly #options: BindingTableOptions
  readonly #pairs = new Map<string, Pair[]>()
  readonly #owners = new Map<string, string>()
  readonly #log: Pair[] = []
  #test: PlannedTest | undefined
  #name = ''

  constructor(plan: BindingPlan, options: BindingTableOptions = {}) {
    this.plan = plan
    this.#options = options
  }

  /** The plan of the current test; undefined for a test that was not planned. */
  get test(): PlannedTest | undefined {
    return this.#test
  }

  /** Where a field of the current test's response stands: `path` without the leading `body`. */
  bodyPosition(path: readonly PathStep[], length: number, value: string): Position {
    const { key, parent, root } = keysOfPath(path, length)
    const entity = this.#test === undefined ? undefined : entityOfField(key, parent, root, value, this.#test.route)
    return { where: formatPath('body', path, length), key, entity }
  }

  /** Starts an attempt of a test. What `expect` binds from here on can be taken back with `rollback`. */
  beginTest(name: string): BindingTransaction {
    this.#test = this.plan.tests.get(name)
    this.#name = name
    const start = this.#log.length
    return { commit: () => undefined, rollback: () => this.rollbackTo(start) }
  }

  /** A point to which `rollbackTo` can return, and from which `boundSince` counts. */
  mark(): number {
    return this.#log.length
  }

  /** Takes back every pair that was bound after the mark. */
  rollbackTo(mark: number): void {
    while (this.#log.length > mark) {
      const pair = this.#log.pop() as Pair
      const left = this.#pairs.get(pair.key)?.filter((other) => other !== pair) ?? []
      if (left.length === 0) this.#pairs.delete(pair.key)
      else this.#pairs.set(pair.key, left)
      if (pair.reverse !== undefined) this.#owners.delete(pair.reverse)
    }
  }

  /** Puts live values in place of recorded ones, and fills secrets. Bytes that hold neither stay as they are. */
  substituteRequest(request: TestRequest): SubstitutedRequest {
    return new Substitution(this).request(request)
  }

  /** The same for a text that a client sends later, such as a WebSocket message. */
  substituteText(text: string): { text: string; used: readonly BoundValue[]; missing: readonly number[] } {
    const substitution = new Substitution(this)
    return { text: substitution.body(text), used: substitution.used, missing: substitution.missing }
  }

  /**
   * Compares a recorded value with the live one in its place and binds the pair when it meets for the first time. A
   * string may hold several values: `/users/7`, `Session 01H… created`. After `mismatch`, `reason` says why.
   */
  expect(recorded: string | number, live: string | number, position: Position): Expectation {
    const text = String(recorded)
    const actual = String(live)
    if (hasSecret(text)) return this.#expectSecrets(text, actual, position)
    const planned = this.#resolve(text, position)
    if (planned !== undefined) return this.#expectPlanned(planned, actual, position)
    return typeof recorded === 'string' && this.plan.values.size > 0
      ? this.#expectWords(text, actual, position)
      : 'unbound'
  }

  /** The live value that a recorded one stands for, when it is known. Of several times the first of the field, or the first. */
  liveOf(recorded: string, position: Omit<Position, 'where'>): BoundValue | undefined {
    const planned = this.#resolve(recorded, position)
    if (planned === undefined) return undefined
    const pairs = this.#pairs.get(valueKey(planned.recorded, planned.entity))
    const field = normalizeKey(position.key ?? '')
    const pair = pairs?.find((candidate) => candidate.field === field) ?? pairs?.[0]
    return pair === undefined ? undefined : toBound(pair)
  }

  /** The value of a secret, from a response of this replay or else from the lookup. */
  secret(number: number): string | undefined {
    const key = `{{secret.${number}}}`
    const known = this.#pairs.get(key)?.[0]
    if (known !== undefined) return known.live
    const value = this.#options.lookup?.(number)
    if (value !== undefined) this.#bind({ key, recorded: key, live: value, form: 'secret', where: 'lookup', field: '' })
    return value
  }

  /** Whether a recorded value is planned in this position, that is, whether `expect` will decide about it. */
  isPlanned(recorded: string, position: Omit<Position, 'where'>): boolean {
    return this.#resolve(recorded, position) !== undefined
  }

  /** Whether a live text already stands for a recorded id. */
  isLive(live: string): boolean {
    return this.#owners.has(live)
  }

  /** Every pair that was bound, in order. Live credentials are not shown. */
  list(): BoundValue[] {
    return this.boundSince(0)
  }

  boundSince(mark: number): BoundValue[] {
    return this.#log.slice(mark).map((pair) => shown(toBound(pair)))
  }

  #resolve(text: string, { key, entity }: Omit<Position, 'where'>): PlannedValue | undefined {
    const { values } = this.plan
    const planned = (entity === undefined ? undefined : values.get(valueKey(text, entity))) ?? values.get(text)
    if (planned === undefined || planned.clientKeys.size === 0) return planned
    return planned.clientKeys.has(normalizeKey(key ?? '')) ? undefined : planned
  }

  #expectPlanned(planned: PlannedValue, live: string, position: Position): Expectation {
    const key = valueKey(planned.recorded, planned.entity)
    const pairs = this.#pairs.get(key)
    if (planned.kind === 'time') return this.#expectTime(planned, pairs ?? [], live, position)
    const { recorded, form } = planned
    const bound = pairs?.[0]
    const hidden = isHidden(form)
    if (bound !== undefined) {
      if (bound.live === live) return 'equal'
      const known = hidden ? 'another value' : bound.live
      return this.#mismatch(`${hidden ? 'the value' : recorded} stands for ${known} since ${bound.where}`)
    }
    if (recorded !== live && !this.#fits(planned, live, position)) return 'mismatch'
    const reverse = planned.kind === 'id' ? valueKey(live, planned.entity) : undefined
    const owner = reverse === undefined ? undefined : this.#owners.get(reverse)
    if (owner !== undefined)
      return this.#mismatch(`${live} already stands for ${owner}, so it can't stand for ${recorded}`)
    this.#bind({ key, recorded, live, form, where: this.#where(position), field: '', reverse })
    return recorded === live ? 'equal' : 'bound'
  }

  #fits({ recorded, form }: PlannedValue, live: string, { key }: Position): boolean {
    const right =
      form === 'value flow' || form === 'etag'
        ? sameShape(recorded, live)
        : sameForm(recorded, live, { key: key ?? 'id' })
    // A form that was found under one field may stand under another, or inside a text.
    if (right || (form !== 'value flow' && sameForm(recorded, live, { key: 'token_id' }))) return true
    this.reason = `it does not have the form of the recorded value (${form})`
    return false
  }

  #expectTime(planned: PlannedValue, pairs: readonly Pair[], live: string, position: Position): Expectation {
    const { recorded, form } = planned
    const field = normalizeKey(position.key ?? '')
    if (pairs.some((pair) => pair.live === live)) return 'equal'
    if (recorded !== live && !sameForm(recorded, live, { key: 'timestamp' })) {
      return this.#mismatch(`it is not a time written like the recorded one (${form})`)
    }
    const first = pairs.find((pair) => pair.field === field)
    if (first !== undefined && this.#isStored(planned, field)) {
      return this.#mismatch(`${recorded} stands for ${first.live} since ${first.where}`)
    }
    const key = valueKey(recorded, planned.entity)
    this.#bind({ key, recorded, live, form, where: this.#where(position), field })
    return recorded === live ? 'equal' : 'bound'
  }

  /** Whether a read must give a time back that was shown before, rather than tell the clock anew. */
  #isStored(planned: PlannedValue, field: string): boolean {
    const test = this.#test
    if (test === undefined || !test.safe) return false
    if (planned.storedKeys.has(field)) return true
    const form = describeForm(planned.recorded, { key: 'timestamp' })
    const at = form !== undefined && isTimeForm(form) ? form.at : undefined
    return at !== undefined && test.at > 0 && at < test.at - FRESH
  }

  #expectWords(recorded: string, live: string, position: Position): Expectation {
    const expected = tokenize(recorded)
    const { values } = this.plan
    let planned = false
    for (const [index, word] of expected.words.entries()) {
      planned ||=
        values.has(word) || (expected.gaps[index] === '/' && this.#inPath(expected.words, index) !== undefined)
    }
    if (!planned) return 'unbound'
    const actual = tokenize(live)
    const aligned =
      actual.gaps.length === expected.gaps.length && actual.gaps.every((gap, index) => gap === expected.gaps[index])
    if (!aligned) return this.#mismatch('the text around the generated values differs')
    let result: Expectation = 'equal'
    for (const [index, word] of expected.words.entries()) {
      const value = values.get(word) ?? (expected.gaps[index] === '/' ? this.#inPath(expected.words, index) : undefined)
      const other = actual.words[index] ?? ''
      if (value === undefined) {
        if (word !== other) return this.#mismatch('the text around the generated values differs')
        continue
      }
      const found = this.#expectPlanned(value, other, { where: position.where, key: position.key })
      if (found === 'mismatch') return found
      if (found === 'bound') result = 'bound'
    }
    return result
  }

  /** The `7` of `/users/7`, when it is a planned id of a user. */
  #inPath(words: readonly string[], index: number): PlannedValue | undefined {
    const before = words[index - 1]
    return before === undefined ? undefined : this.plan.values.get(valueKey(words[index] ?? '', entityOfWord(before)))
  }

  #expectSecrets(recorded: string, live: string, position: Position): Expectation {
    const pieces = recorded.split(SECRET)
    let rest = live
    let result: Expectation = 'equal'
    if (!rest.startsWith(pieces[0] ?? '')) return this.#mismatch('the text around the secret differs')
    rest = rest.slice(pieces[0]?.length)
    for (let index = 1; index < pieces.length; index += 2) {
      const number = Number(pieces[index])
      const after = pieces[index + 1] ?? ''
      const last = index + 2 >= pieces.length
      const end = after === '' && last ? rest.length : last ? rest.length - after.length : rest.indexOf(after, 1)
      const value = rest.slice(0, Math.max(end, 0))
      if (end < 1 || !rest.startsWith(after, end)) return this.#mismatch('there is no secret in its place')
      const found = this.#expectSecret(number, value, position)
      if (found === 'mismatch') return found
      if (found === 'bound') result = 'bound'
      rest = rest.slice(end + after.length)
    }
    return result
  }

  #expectSecret(number: number, live: string, position: Position): Expectation {
    const key = `{{secret.${number}}}`
    const known = this.#pairs.get(key)?.[0]
    if (known !== undefined) {
      return known.live === live ? 'equal' : this.#mismatch(`secret ${number} has another value since ${known.where}`)
    }
    const record = this.#options.secrets?.find((secret) => secret.number === number)
    if (record?.jwt !== undefined && detectForm(live) !== 'jwt') return this.#mismatch(`secret ${number} is not a JWT`)
    this.#bind({ key, recorded: key, live, form: 'secret', where: this.#where(position), field: '' })
    return 'bound'
  }

  #bind(pair: Omit<Pair, 'reverse'> & { reverse?: string | undefined }): void {
    const full: Pair = { ...pair, reverse: pair.reverse }
    const pairs = this.#pairs.get(full.key)
    if (pairs === undefined) this.#pairs.set(full.key, [full])
    else pairs.push(full)
    if (full.reverse !== undefined) this.#owners.set(full.reverse, full.recorded)
    this.#log.push(full)
  }

  #mismatch(reason: string): 'mismatch' {
    this.reason = reason
    return 'mismatch'
  }

  #where({ where }: Position): string {
    return this.#name === '' ? where : `${this.#name} ${where}`
  }
}

function toBound({ recorded, live, form, where }: Pair): BoundValue {
  return { recorded, live, form, where }
}
