import { reasonOf } from '../json.ts'
import { LlmError } from '../llm-error.ts'
import { checkNumber } from '../options.ts'

/** A step that was added, and how often it answered. */
export interface Script<Step> {
  readonly step: Step
  /** How often it may answer. */
  readonly limit: number
  /** How often it has to answer, so that it does not count as unused. */
  readonly atLeast: number
  /** Answers only once that one is used up. */
  readonly after?: Script<Step>
  used: number
}

/** A script that did not answer, and why. */
export interface NearMiss {
  readonly script: string
  readonly reasons: readonly string[]
}

/** What a book has to know of its steps. */
export interface StepRules<Request, Step> {
  /** Why a step does not answer a request; nothing when it does. */
  mismatches(request: Request, step: Step): string[]
  /** How many conditions a step has. */
  conditions(step: Step): number
  /** The step in words. */
  describe(step: Step): string
  /** Refuses a step that cannot be used. */
  check(step: Step): void
}

/**
 * The scripts of one endpoint of one scope. Those with a limit answer first, in the order in which they were added; then
 * those that always answer.
 */
export class ScriptBook<Request, Step> {
  readonly #scripts: Script<Step>[] = []
  readonly #rules: StepRules<Request, Step>

  constructor(rules: StepRules<Request, Step>) {
    this.#rules = rules
  }

  /** Adds steps that answer one after the other. `last: 'keeps'` lets the last one answer for ever. */
  add(steps: readonly Step[], times: number, options: { readonly last?: 'keeps' } = {}): void {
    if (steps.length === 0) throw new LlmError('KEPLOY_LLM_OPTION', 'A script needs at least one step.')
    if (times !== Number.POSITIVE_INFINITY) checkNumber('times', times, { from: 1, whole: true })
    for (const step of steps) this.#rules.check(step)
    let previous: Script<Step> | undefined
    for (const [index, step] of steps.entries()) {
      const keeps = options.last === 'keeps' && index === steps.length - 1
      const script: Script<Step> = {
        step,
        limit: keeps ? Number.POSITIVE_INFINITY : times,
        atLeast: times === Number.POSITIVE_INFINITY ? 0 : keeps ? 1 : times,
        used: 0,
        ...(previous === undefined ? {} : { after: previous }),
      }
      this.#scripts.push(script)
      previous = script
    }
  }

  /** The step that answers a request, used up by one; `undefined` when there is none. */
  take(request: Request): Step | undefined {
    const ready = this.#scripts.filter((script) => isReady(script))
    const bounded = ready.filter((script) => script.atLeast > 0)
    const script = [...bounded, ...ready.filter((one) => one.atLeast === 0)].find(
      (one) => this.#reasons(request, one.step).length === 0,
    )
    if (script === undefined) return undefined
    script.used++
    return script.step
  }

  /** The script that came closest to answering, with the reasons why it did not. */
  nearest(request: Request): NearMiss | undefined {
    let best: { near: NearMiss; score: number } | undefined
    for (const script of this.#scripts) {
      const reasons = this.#reasons(request, script.step)
      // What matched counts, so that a script with many conditions is not farther than one with a single wrong one.
      const score = (reasons.length * 10) / Math.max(1, this.#rules.conditions(script.step))
      const state =
        script.used >= script.limit
          ? [`it was used up (${script.used} of ${script.limit})`]
          : script.after !== undefined && script.after.used < script.after.limit
            ? [`the step before it in its sequence has not answered yet (${this.#rules.describe(script.after.step)})`]
            : []
      // One that is used up is seldom the one that was meant.
      const penalty = script.used >= script.limit ? 3 : state.length
      const all = [...reasons, ...state]
      const total = score + penalty
      if (best === undefined || total < best.score) {
        best = { near: { script: this.#rules.describe(script.step), reasons: all }, score: total }
      }
    }
    return best?.near
  }

  /** Steps that did not answer as often as they were to. */
  unused(): string[] {
    return this.#scripts
      .filter((script) => script.used < script.atLeast)
      .map((script) => `${this.#rules.describe(script.step)} (answered ${script.used} of ${script.atLeast})`)
  }

  #reasons(request: Request, step: Step): string[] {
    try {
      return this.#rules.mismatches(request, step)
    } catch (error) {
      return [`its condition threw: ${reasonOf(error)}`]
    }
  }
}

function isReady<Step>(script: Script<Step>): boolean {
  return script.used < script.limit && (script.after === undefined || script.after.used >= script.after.limit)
}
