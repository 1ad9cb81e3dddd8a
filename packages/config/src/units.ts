const DURATION_UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1_000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1_024,
  mib: 1_048_576,
  gib: 1_073_741_824,
  k: 1_024,
  m: 1_048_576,
  g: 1_073_741_824,
}

/**
 * Milliseconds of a duration as Go writes it; nothing when the text is not one.
 *
 * @example
 * parseDuration('1m30s') // 90000
 */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim()
  if (trimmed === '0') return 0
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|μs|ms|s|m|h))+$/u.test(trimmed)) return undefined
  let total = 0
  for (const [, amount, unit] of trimmed.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)/gu)) {
    total += Number(amount) * (DURATION_UNITS[unit ?? ''] ?? 0)
  }
  return total
}

/**
 * Bytes of a size; nothing when the text is not one. `KiB` is 1024 bytes, `KB` is 1000.
 *
 * @example
 * parseSize('1MiB') // 1048576
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(text.trim())
  if (!match) return undefined
  const unit = SIZE_UNITS[(match[2] || 'b').toLowerCase()]
  return unit === undefined ? undefined : Math.round(Number(match[1]) * unit)
}
