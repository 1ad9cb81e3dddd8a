/** Microseconds between the epochs of Unix and of Postgres (2000-01-01). */
const EPOCH_MS = 946_684_800_000n
const DAY = 86_400_000_000n

const pad = (value: bigint | number, width = 2): string => String(value).padStart(width, '0')
const floorDiv = (a: bigint, b: bigint): bigint => (a - (((a % b) + b) % b)) / b

/** `2024-02-03` from days since 2000-01-01; nothing where a JavaScript date does not reach. */
export function dateText(days: bigint): string | undefined {
  const date = new Date(Number(EPOCH_MS + days * 86_400_000n))
  if (Number.isNaN(date.getTime())) return undefined
  const year = date.getUTCFullYear()
  const rest = `-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`
  return year > 0 ? `${pad(year, 4)}${rest}` : `${pad(1 - year, 4)}${rest} BC`
}

export function dateDays(text: string): bigint | undefined {
  const match = /^(\d{4,7})-(\d\d)-(\d\d)( BC)?$/.exec(text)
  if (match === null) return undefined
  const date = new Date(0)
  date.setUTCFullYear(
    match[4] === undefined ? Number(match[1]) : 1 - Number(match[1]),
    Number(match[2]) - 1,
    Number(match[3]),
  )
  return Number.isNaN(date.getTime()) ? undefined : (BigInt(date.getTime()) - EPOCH_MS) / 86_400_000n
}

/** `03:04:05.5` from microseconds of a day. */
export function timeText(micros: bigint): string | undefined {
  if (micros < 0n || micros > DAY) return undefined
  const seconds = micros / 1_000_000n
  const fraction = pad(micros % 1_000_000n, 6).replace(/0+$/, '')
  return `${pad(seconds / 3600n)}:${pad((seconds / 60n) % 60n)}:${pad(seconds % 60n)}${fraction === '' ? '' : `.${fraction}`}`
}

export function timeMicros(text: string): bigint | undefined {
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(text)
  if (match === null) return undefined
  const seconds = (BigInt(match[1] as string) * 60n + BigInt(match[2] as string)) * 60n + BigInt(match[3] as string)
  return seconds * 1_000_000n + BigInt((match[4] ?? '').padEnd(6, '0'))
}

const INFINITY = 9_223_372_036_854_775_807n

/** `2024-02-03 03:04:05.5` and, with a zone, `+00`, from microseconds since 2000-01-01. */
export function timestampText(micros: bigint, zone: boolean): string | undefined {
  if (micros === INFINITY) return 'infinity'
  if (micros === -INFINITY - 1n) return '-infinity'
  const days = floorDiv(micros, DAY)
  const date = dateText(days)
  const time = timeText(micros - days * DAY)
  if (date === undefined || time === undefined) return undefined
  const [day, era] = date.split(' ')
  return `${day as string} ${time}${zone ? '+00' : ''}${era === undefined ? '' : ` ${era}`}`
}

export function timestampMicros(text: string, zone: boolean): bigint | undefined {
  if (text === 'infinity') return INFINITY
  if (text === '-infinity') return -INFINITY - 1n
  const match = /^(\S+) (\d\d:\d\d:\d\d(?:\.\d+)?)([+-]\d\d(?::\d\d){0,2})?( BC)?$/.exec(text)
  if (match === null || (match[3] !== undefined) !== zone) return undefined
  const days = dateDays(`${match[1] as string}${match[4] ?? ''}`)
  const time = timeMicros(match[2] as string)
  if (days === undefined || time === undefined) return undefined
  return days * DAY + time - offsetMicros(match[3] ?? '+00')
}

/** The microseconds of an offset such as `+05:30`, east of Greenwich. */
export function offsetMicros(text: string): bigint {
  const [hours = '0', minutes = '0', seconds = '0'] = text.slice(1).split(':')
  const total = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds)
  return (text.startsWith('-') ? -total : total) * 1_000_000n
}

/** `1 year 2 mons 3 days 04:05:06` as Postgres writes intervals. */
export function intervalText(micros: bigint, days: number, months: number): string | undefined {
  const parts: string[] = []
  const add = (count: number, one: string): void => {
    if (count !== 0) parts.push(`${negativeBefore && count > 0 ? '+' : ''}${count} ${one}${count === 1 ? '' : 's'}`)
    if (count !== 0) negativeBefore = count < 0
  }
  let negativeBefore = false
  add(Math.trunc(months / 12), 'year')
  add(months % 12, 'mon')
  add(days, 'day')
  if (micros !== 0n || parts.length === 0) {
    const size = micros < 0n ? -micros : micros
    const seconds = size / 1_000_000n
    const fraction = pad(size % 1_000_000n, 6).replace(/0+$/, '')
    const sign = micros < 0n ? '-' : negativeBefore ? '+' : ''
    parts.push(
      `${sign}${pad(seconds / 3600n)}:${pad((seconds / 60n) % 60n)}:${pad(seconds % 60n)}${fraction === '' ? '' : `.${fraction}`}`,
    )
  }
  return parts.join(' ')
}

export function intervalParts(text: string): { micros: bigint; days: number; months: number } | undefined {
  const match =
    /^(?:([+-]?\d+) years? ?)?(?:([+-]?\d+) mons? ?)?(?:([+-]?\d+) days? ?)?(?:([+-]?)(\d{2,}):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/.exec(
      text,
    )
  if (match === null || text === '') return undefined
  const seconds = (BigInt(match[5] ?? 0) * 60n + BigInt(match[6] ?? 0)) * 60n + BigInt(match[7] ?? 0)
  const size = seconds * 1_000_000n + BigInt((match[8] ?? '').padEnd(6, '0'))
  return {
    micros: match[4] === '-' ? -size : size,
    days: Number(match[3] ?? 0),
    months: Number(match[1] ?? 0) * 12 + Number(match[2] ?? 0),
  }
}
