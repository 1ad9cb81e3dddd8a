/**
 * A share as a percentage with one digit. Only a whole is 100.0 %, only nothing is 0.0 %: rounding never hides a failure.
 *
 * @example
 * percent(8, 9) // '88.9 %'
 */
export function percent(part: number, whole: number): string {
  if (whole <= 0 || part <= 0) return '0.0 %'
  if (part >= whole) return '100.0 %'
  const rounded = Math.round((part / whole) * 1000) / 10
  return `${Math.min(99.9, Math.max(0.1, rounded)).toFixed(1)} %`
}

/**
 * A duration for people.
 *
 * @example
 * duration(1234) // '1.2 s'
 */
export function duration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${whole % 60} s`
}

/**
 * A whole number with its thousands apart, the same on every machine.
 *
 * @example
 * count(10000) // '10,000'
 */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A number with its noun: `1 test`, `2 tests`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}
