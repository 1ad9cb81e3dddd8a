import type { BindingTable } from '../bindings/binding-table.ts'
import { hasSecret, joinTokens, tokenize } from '../bindings/tokens.ts'
import { describeForm, isTimeForm, sameForm } from '../forms/detect-form.ts'

/** When a call was recorded, and when the live one is made, in milliseconds since the epoch. */
export interface Clock {
  readonly recorded: number
  readonly live: number
}

/** How much further from the clock, in milliseconds, a live number may be than the recorded one was. */
const CLOCK_TOLERANCE = 60_000

interface Mark {
  readonly log: number
  readonly table: number
}

/**
 * The pairs of recorded and live values that calls have shown: those that tests share stand in the table of the chain, the
 * rest stands here. What was bound since a mark can be taken back. `base`: what was bound before, which is not changed.
 */
export class CallBindings {
  readonly #base: CallBindings | undefined
  readonly #live = new Map<string, string>()
  readonly #recorded = new Map<string, string>()
  readonly #log: { readonly recorded: string; readonly live: string }[] = []

  constructor(base?: CallBindings) {
    this.#base = base
  }

  mark(table: BindingTable): Mark {
    return { log: this.#log.length, table: table.mark() }
  }

  rollback(mark: Mark, table: BindingTable): void {
    table.rollbackTo(mark.table)
    while (this.#log.length > mark.log) {
      const { recorded, live } = this.#log.pop()!
      this.#live.delete(recorded)
      this.#recorded.delete(live)
    }
  }

  /** Whether nothing was bound since the mark. */
  isUnchanged(mark: Mark, table: BindingTable): boolean {
    return this.#log.length === mark.log && table.mark() === mark.table
  }

  /**
   * Whether a live text may stand where a recorded one stood; binds what meets for the first time. With a clock, numbers
   * that are as far from it as the recorded ones were are times.
   */
  accepts(
    recorded: string,
    live: string,
    where: string,
    key: string | undefined,
    table: BindingTable,
    clock?: Clock,
  ): boolean {
    if (hasSecret(recorded)) {
      const result = table.expect(recorded, live, { where, key, entity: undefined })
      return result === 'equal' || result === 'bound'
    }
    if (recorded === live && !this.#isStale(recorded, key, table)) return true
    if (this.#acceptsWord(recorded, live, where, key, table, clock)) return true
    if (recorded.length > 65_536 || live.length > 65_536) return false
    const expected = tokenize(recorded)
    if (expected.words.length === 1 && expected.words[0] === recorded) return false
    const actual = tokenize(live)
    return (
      actual.gaps.length === expected.gaps.length &&
      actual.gaps.every((gap, index) => gap === expected.gaps[index]) &&
      expected.words.every((word, index) => {
        const other = actual.words[index] ?? ''
        return word === other
          ? !this.#isStale(word, undefined, table)
          : this.#acceptsWord(word, other, where, key, table, clock)
      })
    )
  }

  /** The recorded text with live values in place of what is bound. */
  substitute(
    recorded: string,
    key: string | undefined,
    table: BindingTable,
  ): { text: string; missing: readonly number[] } {
    if (hasSecret(recorded)) {
      const { text, missing } = table.substituteText(recorded)
      return { text, missing }
    }
    const whole = this.#liveOf(recorded, key, table)
    if (whole !== undefined) return { text: whole, missing: [] }
    if (recorded.length < 6 || this.#isEmpty(table)) return { text: recorded, missing: [] }
    const tokens = tokenize(recorded)
    let changed = false
    const words = tokens.words.map((word) => {
      const live = word.length < 6 && !/^\d+$/.test(word) ? undefined : this.#liveOf(word, undefined, table)
      changed ||= live !== undefined && live !== word
      return live ?? word
    })
    return { text: changed ? joinTokens(tokens, words) : recorded, missing: [] }
  }

  #liveOf(recorded: string, key: string | undefined, table: BindingTable): string | undefined {
    return this.#known(recorded) ?? table.liveOf(recorded, { key, entity: undefined })?.live
  }

  #known(recorded: string): string | undefined {
    const known = this.#live.get(recorded)
    return known !== undefined || this.#base === undefined ? known : this.#base.#known(recorded)
  }

  #isTaken(live: string): boolean {
    return this.#recorded.has(live) || (this.#base !== undefined && this.#base.#isTaken(live))
  }

  #isEmpty(table: BindingTable): boolean {
    return this.#live.size === 0 && table.mark() === 0 && (this.#base === undefined || this.#base.#live.size === 0)
  }

  /** Whether a recorded value has another live one by now, so that meeting it again as it was is wrong. */
  #isStale(recorded: string, key: string | undefined, table: BindingTable): boolean {
    if (this.#isEmpty(table)) return false
    const live = this.#liveOf(recorded, key, table)
    return live !== undefined && live !== recorded
  }

  #acceptsWord(
    recorded: string,
    live: string,
    where: string,
    key: string | undefined,
    table: BindingTable,
    clock: Clock | undefined,
  ): boolean {
    const position = { key, entity: undefined }
    if (table.isPlanned(recorded, position)) {
      const result = table.expect(recorded, live, { where, ...position })
      return result === 'equal' || result === 'bound'
    }
    const known = this.#known(recorded)
    if (known === live) return true
    const form = describeForm(recorded, { key })
    const isClock = form === undefined && clock !== undefined && isClockReading(recorded, live, clock)
    if (!isClock && (form === undefined || !sameForm(recorded, live, { key }))) return false
    // One moment is told differently each time it is asked for.
    if (form === undefined || isTimeForm(form)) {
      if (known === undefined) this.#bind(recorded, live)
      return true
    }
    if (known !== undefined || this.#isTaken(live)) return false
    this.#bind(recorded, live)
    return true
  }

  #bind(recorded: string, live: string): void {
    this.#live.set(recorded, live)
    this.#recorded.set(live, recorded)
    this.#log.push({ recorded, live })
  }
}

/** Whether both numbers tell a time, in the same unit, that is as far from the clock of their call. */
function isClockReading(recorded: string, live: string, clock: Clock): boolean {
  const then = describeForm(recorded, { at: clock.recorded })
  const now = describeForm(live, { at: clock.live })
  if (then === undefined || now === undefined || !isTimeForm(then) || !isTimeForm(now)) return false
  if (then.form !== now.form || then.style !== now.style || then.at === undefined || now.at === undefined) return false
  return Math.abs(then.at - clock.recorded - (now.at - clock.live)) <= CLOCK_TOLERANCE
}
