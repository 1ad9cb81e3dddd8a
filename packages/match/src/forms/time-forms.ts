import { isTimeKey } from './key-context.ts'

/** A recognised time: its form, how it is written, and when it is (milliseconds since the epoch, if it names a day). */
export interface TimeForm {
  readonly form: 'iso-date' | 'http-date' | 'go-time' | 'js-date' | 'epoch-s' | 'epoch-ms' | 'epoch-us' | 'epoch-ns'
  readonly style: string
  readonly at?: number
}

/** Times outside 2001 to 2100 are not taken for a clock's: `0001-01-01` and 1970 are values that nobody set. */
const EARLIEST = Date.UTC(2001, 0, 1)
const LATEST = Date.UTC(2101, 0, 1)

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:([T t])(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?( ?(?:Z|z|UTC|[+-]\d\d(?::?\d\d)?))?(?: [A-Z]{3,4})?)?$/
const DAY = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const LONG_DAY = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day'
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const CLOCK = String.raw`\d\d:\d\d:\d\d`
const ZONE = '(?:[A-Z]{3,5})'
const OFFSET = String.raw`[+-]\d{4}`

/** Layouts that name a day. `parsable`: what `Date.parse` understands as it stands. */
const DAY_LAYOUTS: readonly {
  readonly name: string
  readonly pattern: RegExp
  readonly form: 'http-date' | 'go-time' | 'js-date'
}[] = [
  { name: 'RFC1123', form: 'http-date', pattern: new RegExp(`^${DAY}, \\d\\d ${MONTH} \\d{4} ${CLOCK} GMT$`) },
  { name: 'RFC1123 zone', form: 'go-time', pattern: new RegExp(`^${DAY}, \\d\\d ${MONTH} \\d{4} ${CLOCK} ${ZONE}$`) },
  { name: 'RFC1123Z', form: 'go-time', pattern: new RegExp(`^${DAY}, \\d\\d ${MONTH} \\d{4} ${CLOCK} ${OFFSET}$`) },
  { name: 'RFC850', form: 'go-time', pattern: new RegExp(`^${LONG_DAY}, \\d\\d-${MONTH}-\\d\\d ${CLOCK} ${ZONE}$`) },
  { name: 'cookie', form: 'http-date', pattern: new RegExp(`^${DAY}, \\d\\d-${MONTH}-\\d{4} ${CLOCK} GMT$`) },
  { name: 'ANSIC', form: 'go-time', pattern: new RegExp(`^${DAY} ${MONTH} [ \\d]\\d ${CLOCK} \\d{4}$`) },
  { name: 'UnixDate', form: 'go-time', pattern: new RegExp(`^${DAY} ${MONTH} [ \\d]\\d ${CLOCK} ${ZONE} \\d{4}$`) },
  { name: 'RubyDate', form: 'go-time', pattern: new RegExp(`^${DAY} ${MONTH} \\d\\d ${CLOCK} ${OFFSET} \\d{4}$`) },
  {
    name: 'RFC822',
    form: 'go-time',
    pattern: new RegExp(`^\\d\\d ${MONTH} \\d\\d \\d\\d:\\d\\d (?:${ZONE}|${OFFSET})$`),
  },
  { name: 'Layout', form: 'go-time', pattern: new RegExp(`^\\d\\d/\\d\\d ${CLOCK}[AP]M '\\d\\d ${OFFSET}$`) },
  {
    name: 'toString',
    form: 'js-date',
    pattern: new RegExp(`^${DAY} ${MONTH} \\d\\d \\d{4} ${CLOCK} GMT${OFFSET}(?: \\([^()]{1,60}\\))?$`),
  },
]

/** Layouts without a year or a day: too common to be taken for a time unless the field's name says so. */
const KEYED_LAYOUTS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: 'Kitchen', pattern: /^\d{1,2}:\d\d[AP]M$/ },
  { name: 'TimeOnly', pattern: /^\d\d:\d\d:\d\d(?:\.\d{1,9})?$/ },
  { name: 'Stamp', pattern: new RegExp(`^${MONTH} [ \\d]\\d ${CLOCK}(?:\\.\\d{3,9})?$`) },
]

const UNITS = [
  { form: 'epoch-s', digits: 10, perMs: 0.001 },
  { form: 'epoch-ms', digits: 13, perMs: 1 },
  { form: 'epoch-us', digits: 16, perMs: 1000 },
  { form: 'epoch-ns', digits: 19, perMs: 1_000_000 },
] as const

function plausible(at: number): boolean {
  return at >= EARLIEST && at < LATEST
}

function isoForm(text: string): TimeForm | undefined {
  const match = ISO.exec(text)
  if (match === null) return undefined
  const [, year, month, day, separator, hour, minute, second, fraction, rawOffset] = match
  const offset = rawOffset?.trim()
  const at =
    Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour ?? 0),
      Number(minute ?? 0),
      Number(second ?? 0),
    ) +
    Number(`0.${fraction ?? '0'}`) * 1000 -
    offsetMs(offset)
  const day2 = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  const real =
    day2.getUTCMonth() === Number(month) - 1 &&
    Number(hour ?? 0) < 25 &&
    Number(minute ?? 0) < 60 &&
    Number(second ?? 0) < 61
  if (!real || !plausible(at)) return undefined
  const precision =
    hour === undefined
      ? 'day'
      : second === undefined
        ? 'minute'
        : fraction === undefined
          ? 'second'
          : String(fraction.length)
  return { form: 'iso-date', style: `${separator ?? ''}|${precision}|${offsetStyle(offset)}`, at }
}

function offsetStyle(offset: string | undefined): string {
  if (offset === undefined) return ''
  return /^[+-]/.test(offset) ? offset.replaceAll(/\d/g, '9').replace('-', '+') : offset
}

function offsetMs(offset: string | undefined): number {
  const match = offset === undefined ? null : /^([+-])(\d\d):?(\d\d)?$/.exec(offset)
  if (match === null) return 0
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) * 60_000
}

/** A text that is a time, or undefined. `key` admits layouts that need the field's name, such as `15:04:05`. */
export function timeTextForm(text: string, key: string | undefined): TimeForm | undefined {
  if (text.length < 6 || text.length > 100) return undefined
  const first = text.charCodeAt(0)
  const digit = first >= 48 && first <= 57
  if (digit && text.charCodeAt(4) === 45) return isoForm(text)
  if (digit && !text.includes(':')) return undefined
  for (const { name, pattern, form } of DAY_LAYOUTS) {
    if (!pattern.test(text)) continue
    const at = Date.parse(text.replace(/ \([^()]*\)$/, ''))
    if (Number.isNaN(at)) return { form, style: name }
    return plausible(at) ? { form, style: name, at } : undefined
  }
  if (!isTimeKey(key)) return undefined
  const keyed = KEYED_LAYOUTS.find(({ pattern }) => pattern.test(text))
  return keyed === undefined ? undefined : { form: 'go-time', style: keyed.name }
}

/** A number (as its decimal text) that is a time since 1970 in seconds to nanoseconds, by its count of digits. */
export function epochForm(text: string): TimeForm | undefined {
  const dot = text.indexOf('.')
  const whole = dot === -1 ? text : text.slice(0, dot)
  const unit = UNITS.find(({ digits }) => digits === whole.length)
  if (unit === undefined || !/^[1-9]\d*(?:\.\d{1,9})?$/.test(text)) return undefined
  const at = Number(text) / unit.perMs
  return plausible(at) ? { form: unit.form, style: dot === -1 ? 'integer' : 'fraction', at } : undefined
}
