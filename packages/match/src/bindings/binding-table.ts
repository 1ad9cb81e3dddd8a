import type { BoundValue, SecretRecord, TestRequest } from '@keploy-framework/format'

import { describeForm, isTimeForm, sameForm } from '../forms/detect-form.ts'
import { entityOfWord, normalizeKey } from '../forms/key-context.ts'
import { formatPath, keysOfPath } from '../json/json-leaves.ts'
import type { PathStep } from '../json/json-leaves.ts'
import { alignSecrets, decodedSecret } from './align-secrets.ts'
import type { BindingPlan, PlannedTest, PlannedValue, Position } from './binding-plan.ts'
import { isHidden, shown } from './bound-value.ts'
import { valueKey } from './candidates.ts'
import { isPlain } from './is-plain.ts'
import { jwtDifference } from './jwt-difference.ts'
import { entityOfField } from './route.ts'
import { sameShape } from './same-shape.ts'
import { hasSecret, placeholderOf, readSecretText, soleSecret, writings } from './secret-text.ts'
import { Substitution } from './substitute-request.ts'
import { tokenize } from './tokens.ts'

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
  /** Values that tests which did not pass should have shown: the test is blocked. */
  readonly lost: readonly LostValue[]
}

/** Where a value should have come from. */
export interface LostValue {
  readonly test: string
  readonly where: string
}

/** One attempt of one test: keep what it bound, or take it back before a retry. */
export interface BindingTransaction {
  commit(): void
  rollback(): void
  /**
   * The test did not pass. What it bound stays, but what its response should have shown and did not is lost: requests
   * that need it are told so, instead of being sent with recorded values.
   */
  fail(): void
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
  /** How the service wrote a secret in a cookie. */
  readonly cookie?: string | undefined
}

const NONE: readonly never[] = []

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
  readonly #numbers: ReadonlySet<number>
  readonly #failed = new Set<string>()
  #test: PlannedTest | undefined
  #name = ''

  constructor(plan: BindingPlan, options: BindingTableOptions = {}) {
    this.plan = plan
    this.#options = options
    const numbers = (options.secrets ?? []).filter(({ kind }) => kind.endsWith('(number)'))
    this.#numbers = new Set(numbers.map(({ number }) => number))
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
    this.#failed.delete(name)
    const start = this.#log.length
    return {
      commit: () => undefined,
      rollback: () => this.rollbackTo(start),
      fail: () => void this.#failed.add(name),
    }
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
    if (this.plan.values.size === 0 && isPlain(request)) return { request, used: NONE, missing: NONE, lost: NONE }
    return new Substitution(this).request(request)
  }

  /** The same for a text that a client sends later, such as a WebSocket message. */
  substituteText(text: string): Omit<SubstitutedRequest, 'request'> & { readonly text: string } {
    const substitution = new Substitution(this)
    const { used, missing, lost } = substitution
    return { text: substitution.body(text), used, missing, lost }
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
    const key = placeholderOf(number)
    const known = this.#pairs.get(key)?.[0]
    if (known !== undefined) return known.live
    const value = this.#options.lookup?.(number)
    if (value !== undefined) this.#bind({ key, recorded: key, live: value, form: 'secret', where: 'lookup', field: '' })
    return value
  }

  /** Whether a secret was a number in JSON, which lost its quotes to a placeholder. */
  isNumber(secret: number): boolean {
    return this.#numbers.has(secret)
  }

  /** The same for a recorded value: whether it is such a secret. */
  isSecretNumber(recorded: unknown): boolean {
    if (this.#numbers.size === 0 || typeof recorded !== 'string') return false
    const sole = soleSecret(recorded)
    return sole !== undefined && this.isNumber(sole)
  }

  /** How the service wrote a secret in a cookie of this replay. */
  cookieWriting(secret: number): string | undefined {
    return this.#pairs.get(placeholderOf(secret))?.[0]?.cookie
  }

  /** The test that did not pass and should have shown a recorded value, when none has shown it since. */
  lostValue(recorded: string, position: Omit<Position, 'where'>): LostValue | undefined {
    if (this.#failed.size === 0) return undefined
    const planned = this.#resolve(recorded, position)
    // A recorded time says something to a service that has never shown it; an id does not.
    return planned !== undefined && planned.kind !== 'time' && this.#failed.has(planned.producer.test)
      ? planned.producer
      : undefined
  }

  /** The same for a secret that has no value. */
  lostSecret(secret: number): LostValue | undefined {
    const placeholder = placeholderOf(secret)
    for (const test of this.#failed) {
      const found = this.plan.tests.get(test)?.occurrences.find(({ text }) => text.includes(placeholder))
      if (found !== undefined) return { test, where: found.where }
    }
    return undefined
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
    const mark = this.mark()
    let result: Expectation = 'equal'
    for (const [index, word] of expected.words.entries()) {
      const value = values.get(word) ?? (expected.gaps[index] === '/' ? this.#inPath(expected.words, index) : undefined)
      const other = actual.words[index] ?? ''
      if (value === undefined) {
        if (word === other) continue
        this.rollbackTo(mark)
        return this.#mismatch('the text around the generated values differs')
      }
      const found = this.#expectPlanned(value, other, { where: position.where, key: position.key })
      if (found === 'mismatch') {
        this.rollbackTo(mark)
        return found
      }
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
    const text = readSecretText(recorded)
    if (text.numbers.length === 0) {
      return text.literals[0] === live ? 'equal' : this.#mismatch('')
    }
    // What stands around a secret may hold ids that are known by now: `/users/7?token=…`.
    const around = new Substitution(this)
    const literals = text.literals.map((literal) => around.plain(literal))
    const pieces = alignSecrets(
      { ...text, literals },
      live,
      (number) => this.#pairs.get(placeholderOf(number))?.[0]?.live,
    )
    if (typeof pieces === 'string') return this.#mismatch(pieces)
    const mark = this.mark()
    let result: Expectation = 'equal'
    for (const [index, piece] of pieces.entries()) {
      const number = text.numbers[index] as number
      const found = this.#expectSecret(number, piece, text.literals[index] ?? '', position)
      if (found === 'mismatch') {
        // A place that differs teaches nothing.
        this.rollbackTo(mark)
        return found
      }
      if (found === 'bound') result = 'bound'
    }
    return result
  }

  #expectSecret(number: number, piece: string, before: string, position: Position): Expectation {
    const key = placeholderOf(number)
    const known = this.#pairs.get(key)?.[0]
    if (known !== undefined) {
      if (writings(known.live).includes(piece) || known.cookie === piece) return 'equal'
      return this.#mismatch(`secret ${number} has another value since ${known.where}`)
    }
    const cookie = position.where.startsWith('header.Set-Cookie')
    const live = decodedSecret(piece, before, cookie)
    const jwt = this.#options.secrets?.find((secret) => secret.number === number)?.jwt
    const difference = jwt === undefined ? undefined : jwtDifference(jwt, live)
    if (difference !== undefined) return this.#mismatch(`secret ${number} ${difference}`)
    const where = this.#where(position)
    this.#bind({ key, recorded: key, live, form: 'secret', where, field: '', cookie: cookie ? piece : undefined })
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
