import type { ByteCursor } from './byte-cursor.ts'
import { ByteWriter } from './byte-writer.ts'

const two = (value: number): string => String(value).padStart(2, '0')

/** Microseconds as the text of a column has them: as many digits as the column, or none where there are none. */
function fraction(micros: number, decimals: number | undefined): string {
  const digits = decimals === undefined || decimals > 6 ? (micros === 0 ? 0 : 6) : decimals
  return digits === 0 ? '' : `.${String(micros).padStart(6, '0').slice(0, digits)}`
}

/** Reads a binary DATE, DATETIME or TIMESTAMP as its text. */
export function readDate(cursor: ByteCursor, dateOnly: boolean, decimals?: number): string {
  const length = cursor.uint(1)
  const date =
    length >= 4
      ? `${String(cursor.uint(2)).padStart(4, '0')}-${two(cursor.uint(1))}-${two(cursor.uint(1))}`
      : '0000-00-00'
  if (dateOnly && length <= 4) return date
  const time = length >= 7 ? `${two(cursor.uint(1))}:${two(cursor.uint(1))}:${two(cursor.uint(1))}` : '00:00:00'
  return `${date} ${time}${fraction(length >= 11 ? cursor.uint(4) : 0, decimals)}`
}

/** Writes the text of a DATE, DATETIME or TIMESTAMP in the shortest binary form; nothing when it is no such text. */
export function writeDate(text: string): Buffer | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0))
  const micros = Number((match[7] ?? '').padEnd(6, '0'))
  const hasTime = hour !== 0 || minute !== 0 || second !== 0 || micros !== 0
  if (!hasTime && year === 0 && month === 0 && day === 0) return Buffer.from([0])
  const length = micros !== 0 ? 11 : hasTime ? 7 : 4
  const writer = new ByteWriter().uint(length, 1).uint(year, 2).uint(month, 1).uint(day, 1)
  if (length >= 7) writer.uint(hour, 1).uint(minute, 1).uint(second, 1)
  if (length === 11) writer.uint(micros, 4)
  return writer.bytes()
}

/** Reads a binary TIME as its text. */
export function readTime(cursor: ByteCursor, decimals?: number): string {
  const length = cursor.uint(1)
  if (length < 8) return `00:00:00${fraction(0, decimals)}`
  const sign = cursor.uint(1) === 1 ? '-' : ''
  const hours = cursor.uint(4) * 24 + cursor.uint(1)
  const time = `${two(hours)}:${two(cursor.uint(1))}:${two(cursor.uint(1))}`
  return `${sign}${time}${fraction(length >= 12 ? cursor.uint(4) : 0, decimals)}`
}

/** Writes the text of a TIME in the shortest binary form; nothing when it is no such text. */
export function writeTime(text: string): Buffer | undefined {
  const match = /^(-?)(\d{2,9}):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/.exec(text)
  if (match === null) return undefined
  const [hours = 0, minute = 0, second = 0] = match.slice(2, 5).map(Number)
  const micros = Number((match[5] ?? '').padEnd(6, '0'))
  if (hours === 0 && minute === 0 && second === 0 && micros === 0) return Buffer.from([0])
  const writer = new ByteWriter()
    .uint(micros === 0 ? 8 : 12, 1)
    .uint(match[1] === '-' ? 1 : 0, 1)
    .uint(Math.floor(hours / 24), 4)
    .uint(hours % 24, 1)
    .uint(minute, 1)
    .uint(second, 1)
  if (micros !== 0) writer.uint(micros, 4)
  return writer.bytes()
}
