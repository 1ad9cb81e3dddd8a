import { z } from 'zod'

import { jsonValue } from '../schemas/json-value.ts'
import type { UiState } from './ui-state.ts'

const name = z.string().regex(/^[\w.:-]{1,100}$/, 'Not a name of a field: letters, digits and . : - _, at most 100')
const moment = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

/** What a user interface tells of its state. */
export const uiStateUpdateSchema = z.object({
  mode: z
    .enum(['full', 'update'])
    .describe(
      '`full` replaces all of the state, `update` sets the fields that it names. A field that is null is gone.',
    ),
  state: z.record(name, jsonValue),
  timestamp: moment.optional().describe('When it changed, in milliseconds since 1970 on the clock of the client.'),
  sent_at: moment.optional().describe('When this is sent, on the same clock: with it a wrong clock does no harm.'),
})

export type UiStateUpdate = z.output<typeof uiStateUpdateSchema>

/** The newest update of a connection. */
export interface Moment {
  /** On the clock of the client; undefined when it has never told. */
  told: number | undefined
  /** On the clock of this machine. */
  at: number
}

/**
 * When an update happened, on the clock of this machine. A client that says when it sent the update has its clock set
 * right by the difference; without it a moment in the future is taken for now, so that a clock that is ahead does not
 * win for ever. Updates of one connection keep the order of their own clock, also within a millisecond.
 *
 * @example
 * // An hour ahead, and of two seconds ago:
 * placeUpdate({ timestamp: 3_600_000, sent_at: 3_602_000 }, undefined, 5_000).at // 3_000
 */
export function placeUpdate(
  { timestamp, sent_at }: Pick<UiStateUpdate, 'timestamp' | 'sent_at'>,
  newest: Moment | undefined,
  now: number,
): { at: number; newest: Moment } {
  const told = timestamp ?? sent_at
  const age = told === undefined ? 0 : (sent_at ?? now) - told
  const at = Math.max(0, now - Math.max(0, age))
  if (!newest) return { at, newest: { told, at } }
  const late = told !== undefined && newest.told !== undefined && told < newest.told
  if (late) return { at: Math.min(at, newest.at - 1), newest }
  const next = Math.max(at, newest.at + 1)
  return { at: next, newest: { told: told ?? newest.told, at: next } }
}

/** The update as a state, to be merged with the one that there is. */
export function stateOfUpdate({ mode, state }: Pick<UiStateUpdate, 'mode' | 'state'>, at: number): UiState {
  const fields = Object.fromEntries(Object.entries(state).map(([field, value]) => [field, { at, value }]))
  return { replaced_at: mode === 'full' ? at : 0, fields }
}
