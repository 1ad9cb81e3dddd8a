import type { ScriptBook } from './script-book.ts'

/** Where scripts are written; each method returns what the pad belongs to, so that calls can be chained. */
export interface ScriptPad<Owner, Step> {
  /** Each step answers one request, in this order. Whatever is not asked for is reported at the end. */
  once(...steps: readonly Step[]): Owner
  /** The step answers `count` requests. */
  times(count: number, step: Step): Owner
  /** The step answers every request that no other script answers; it may stay unused. */
  always(step: Step): Owner
  /** Each step answers one request, in this order, and the last one every further request. */
  sequence(...steps: readonly Step[]): Owner
}

/** Makes the pad of a book. */
export function createPad<Owner, Request, Step>(owner: Owner, book: ScriptBook<Request, Step>): ScriptPad<Owner, Step> {
  const added = (add: () => void): Owner => {
    add()
    return owner
  }
  return {
    once: (...steps) => added(() => book.add(steps, 1)),
    times: (count, step) => added(() => book.add([step], count)),
    always: (step) => added(() => book.add([step], Number.POSITIVE_INFINITY)),
    sequence: (...steps) => added(() => book.add(steps, 1, { last: 'keeps' })),
  }
}
