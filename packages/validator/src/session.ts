import type { AppliedRule, Failure } from '@keploy-framework/format'
import type { BindingTable, NoiseMatcher, Position } from '@keploy-framework/match'

import type { CompareContext, CompareOptions } from './compare-response.ts'
import { MAX_FAILURES, MAX_RULES } from './defaults.ts'
import { mapHosts } from './hosts.ts'

/** A point to which a session can return. */
export interface SessionMark {
  readonly failures: number
  readonly rules: number
  readonly bindings: number
}

/** What one comparison gathers: failures, the rules that allowed differences, and the pairs that were bound. */
export class Session {
  readonly noise: NoiseMatcher
  readonly bindings: BindingTable
  readonly options: CompareOptions
  readonly failures: Failure[] = []
  readonly rules: AppliedRule[] = []
  readonly #hosts: CompareContext['hosts']
  /** Texts of the recorded response that hold planned values; undefined when there are none. */
  readonly #watched: ReadonlySet<string> | undefined

  constructor(context: CompareContext) {
    this.noise = context.noise
    this.bindings = context.bindings
    this.options = context.options
    this.#hosts = context.hosts
    const texts = context.bindings.test?.texts
    this.#watched = texts === undefined || texts.size === 0 ? undefined : texts
  }

  /** Whether equal texts still have to be checked, because the recorded one may stand for another live one. */
  get watching(): boolean {
    return this.#watched !== undefined
  }

  watches(text: string): boolean {
    return this.#watched?.has(text) === true
  }

  fail(failure: Failure): void {
    this.failures.push(failure)
  }

  allow(path: string, rule: string): void {
    if (this.rules.length < MAX_RULES) this.rules.push({ path, rule })
  }

  mark(): SessionMark {
    return { failures: this.failures.length, rules: this.rules.length, bindings: this.bindings.mark() }
  }

  rollback({ failures, rules, bindings }: SessionMark): void {
    this.failures.length = failures
    this.rules.length = rules
    this.bindings.rollbackTo(bindings)
  }

  /** Drops the failures after a mark and keeps what was bound: for parts that a rule ignores. */
  forgive({ failures }: SessionMark): void {
    this.failures.length = failures
  }

  mapHosts(text: string): string {
    return mapHosts(text, this.#hosts)
  }

  /**
   * Compares two values of one place up to host and bindings. Undefined when they are the same, and else why not: the
   * empty text when there is nothing to say beyond "differs".
   */
  differs(expected: string | number, actual: string | number, position: Position): string | undefined {
    const mapped = typeof expected === 'string' ? this.mapHosts(expected) : expected
    const found = this.bindings.expect(mapped, actual, position)
    if (found === 'mismatch') {
      const { reason } = this.bindings
      // A service that has its own address from its settings shows the recorded one.
      const same = mapped !== expected && ['equal', 'bound'].includes(this.bindings.expect(expected, actual, position))
      return same ? undefined : reason
    }
    if (found === 'unbound') {
      if (mapped !== actual) return ''
      if (mapped !== expected) this.allow(position.where, 'host')
      return undefined
    }
    if (expected !== actual)
      this.allow(position.where, found === 'bound' ? `form: ${this.#formOf(mapped, position)}` : 'binding')
    return undefined
  }

  #formOf(recorded: string | number, position: Position): string {
    const text = String(recorded)
    return this.bindings.liveOf(text, position)?.form ?? (text.includes('{{secret.') ? 'secret' : 'generated value')
  }

  /** Failures as they are reported: the first ones, and how many more there are. */
  report(): Failure[] {
    const max = this.options.maxFailures ?? MAX_FAILURES
    const more = this.failures.length - max
    if (more <= 0) return this.failures
    const message = `${more} more ${more === 1 ? 'difference is' : 'differences are'} not listed.`
    return [...this.failures.slice(0, max), { kind: 'body', path: '', message }]
  }
}
