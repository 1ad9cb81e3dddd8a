import { ExactNumber } from '../json/exact-number.ts'
import { idTextForm } from './id-forms.ts'
import type { IdForm } from './id-forms.ts'
import { isTimeKey } from './key-context.ts'
import { epochForm, timeTextForm } from './time-forms.ts'
import type { TimeForm } from './time-forms.ts'

/** How a value looks that a service makes up: an id, a token or a time. */
export type Form = IdForm['form'] | TimeForm['form']

/** What is known about where a value stands. */
export interface FormContext {
  /** The field's name: `created_at`, `sessionId`. Admits forms that are too common without it. */
  readonly key?: string | undefined
  /** When the value was seen, in milliseconds since the epoch: a number close to it is taken for a time. */
  readonly at?: number | undefined
}

/** A form with what must stay the same about how the value is written. */
export type DetectedForm = IdForm | TimeForm

/** How far, in milliseconds, a number may be from the clock to be taken for a time without the field's name saying so. */
const NEAR_CLOCK = 24 * 60 * 60 * 1000

/** As `detectForm`, with the style and, for times, the moment. */
export function describeForm(value: unknown, context: FormContext = {}): DetectedForm | undefined {
  if (typeof value === 'string') {
    if (value.length < 6) return undefined
    const { key } = context
    return timeTextForm(value, key) ?? idTextForm(value, key) ?? epochIn(value, context)
  }
  if (typeof value === 'number') return value > 0 ? epochIn(String(value), context) : undefined
  return value instanceof ExactNumber ? epochIn(value.text, context) : undefined
}

function epochIn(text: string, context: FormContext): TimeForm | undefined {
  if (text.length < 10 || text.length > 29) return undefined
  const found = epochForm(text)
  if (found?.at === undefined) return undefined
  const near = context.at !== undefined && context.at > 0 && Math.abs(found.at - context.at) <= NEAR_CLOCK
  return near || isTimeKey(context.key) ? found : undefined
}

/**
 * The form of a value that a service makes up on each run (an id, a token, a time), or undefined for anything else.
 * Forms that ordinary data could have by chance (numbers as times, hexadecimal ids, random tokens) need the field's
 * name in `context.key`. The nil UUID and times outside 2001 to 2100 have no form.
 *
 * @example
 * detectForm('2025-10-28T14:00:00Z') // 'iso-date'
 * detectForm(1730123456, { key: 'created' }) // 'epoch-s'
 * detectForm(1730123456) // undefined
 */
export function detectForm(value: unknown, context?: FormContext): Form | undefined {
  return describeForm(value, context)?.form
}

/** True for forms that tell a time. */
export function isTimeForm(form: DetectedForm): form is TimeForm {
  return form.form.endsWith('date') || form.form.startsWith('epoch') || form.form === 'go-time'
}

/**
 * Whether a live value has the form of the recorded one and is written the same way: the same UUID version, the same
 * precision and offset style of a date, the same length of a hexadecimal id.
 *
 * @example
 * sameForm('2025-10-28T14:00:00Z', '2026-01-02T08:30:11Z') // true
 * sameForm('2025-10-28T14:00:00Z', '2026-01-02') // false
 */
export function sameForm(recorded: unknown, live: unknown, context?: FormContext): boolean {
  const expected = describeForm(recorded, context)
  if (expected === undefined) return false
  const { key } = context ?? {}
  const time = isTimeForm(expected)
  const actual = describeForm(live, { key: time && expected.form.startsWith('epoch') ? 'timestamp' : key })
  if (actual?.form !== expected.form) return false
  if (expected.style === actual.style) return true
  return expected.form === 'iso-date' && sameIsoStyle(expected.style, actual.style)
}

/** Go and Python leave trailing zeros of a fraction out, so beyond milliseconds its length says nothing. */
function sameIsoStyle(expected: string, actual: string): boolean {
  const [separator, precision, offset] = expected.split('|')
  const [liveSeparator, livePrecision, liveOffset] = actual.split('|')
  if (separator !== liveSeparator || offset !== liveOffset) return false
  const lengths = [precision, livePrecision].map((text) => (text === 'second' ? 0 : Number(text)))
  return lengths.every((length) => Number.isInteger(length)) && Math.max(...lengths) > 3
}
