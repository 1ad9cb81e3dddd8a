const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/**
 * Milliseconds from a duration such as `30s`, `1.5m`, `500ms` or `1h30m`; a bare number counts as seconds.
 * Undefined when the text is none.
 *
 * @example
 * parseDuration('1m30s') // 90000
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  let total = 0
  let rest = text
  while (rest !== '') {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)/.exec(rest)
    if (!match) return undefined
    total += Number(match[1]) * UNITS[match[2] as string]!
    rest = rest.slice(match[0].length)
  }
  return text === '' ? undefined : total
}
