import { SuiteError } from '../errors.ts'

/** A test that may fail for a while, as it is written. */
export interface WrittenQuarantine {
  readonly test?: unknown
  readonly reason?: unknown
  readonly until?: unknown
}

/** A test that may fail for a while. */
export interface Quarantine {
  /** `file > name`, with `*` for anything. */
  readonly test: string
  readonly reason: string
  /** The last day, `2026-12-31`. */
  readonly until: string
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

/**
 * Checks a quarantine list: each entry has a test, a reason and a last day that has not passed.
 *
 * @param today `2026-01-31`
 * @throws SuiteError `KEPLOY_RUN_QUARANTINE` naming every entry that is incomplete or has expired
 */
export function checkQuarantine(list: readonly WrittenQuarantine[], today: string): Quarantine[] {
  const problems: string[] = []
  const entries = list.flatMap((entry, index): Quarantine[] => {
    const test = text(entry.test)
    const reason = text(entry.reason)
    const until = text(entry.until)
    const name = test === '' ? `entry ${index + 1}` : `"${test}"`
    if (test === '') problems.push(`${name} names no test`)
    if (reason === '') problems.push(`${name} has no reason`)
    if (!DAY.test(until) || !isDay(until)) problems.push(`${name} has no last day (until: 2026-12-31)`)
    else if (until < today) problems.push(`${name} has expired on ${until}`)
    return [{ test, reason, until }]
  })
  if (problems.length > 0) {
    throw new SuiteError(
      'KEPLOY_RUN_QUARANTINE',
      `The quarantine cannot be used:\n${problems.join('\n')}\nRepair the test, or give each entry \`test\`, \`reason\` and \`until\`.`,
    )
  }
  return entries
}

/** The entry that a test falls under, if one does. */
export function quarantineOf(list: readonly Quarantine[], shown: string, name: string): Quarantine | undefined {
  const full = `${shown} > ${name}`
  return list.find(({ test }) => fits(test, full) || (!test.includes(' > ') && fits(test, shown)))
}

/** Whether a text is as a pattern with `*` says; in linear time, whatever the pattern. */
function fits(pattern: string, full: string): boolean {
  const pieces = pattern.split('*')
  const first = pieces[0] ?? ''
  if (pieces.length === 1) return full === first
  const last = pieces.at(-1) ?? ''
  if (!full.startsWith(first) || full.length < first.length + last.length || !full.endsWith(last)) return false
  let at = first.length
  const end = full.length - last.length
  for (const piece of pieces.slice(1, -1)) {
    const found = full.indexOf(piece, at)
    if (found === -1 || found + piece.length > end) return false
    at = found + piece.length
  }
  return true
}

function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

function text(value: unknown): string {
  // A day without quotes in YAML may come as a date.
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString().slice(0, 10)
  return typeof value === 'string' ? value.trim() : ''
}
