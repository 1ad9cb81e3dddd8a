const form = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,12}))?(?:\s*(Z|z|[+-]\d{2}:?\d{2}))?$/

/** Milliseconds since the epoch, with fractions, of a time stamp such as Go writes; 0 when unknown or Go's zero time. */
export function parseTimestamp(text: string | undefined): number {
  if (text === undefined) return 0
  const match = form.exec(text)
  if (match === null) return 0
  const [, year, month, day, hour, minute, second, fraction, zone] = match
  const whole = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  let at = whole + (fraction === undefined ? 0 : Number(`0.${fraction}`) * 1000)
  if (zone !== undefined && zone !== 'Z' && zone !== 'z') {
    const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
    at -= (zone.startsWith('-') ? -minutes : minutes) * 60_000
  }
  return at <= 0 ? 0 : at
}

/** RFC 3339 with as many digits (up to microseconds) as the number can carry; Go's zero time for 0. */
export function formatTimestamp(at: number): string {
  if (at === 0) return '0001-01-01T00:00:00Z'
  const micros = Math.round(at * 1000)
  const fraction = String(((micros % 1_000_000) + 1_000_000) % 1_000_000)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const seconds = new Date(Math.floor(micros / 1_000_000) * 1000).toISOString().slice(0, 19)
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`
}
