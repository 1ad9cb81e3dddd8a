/**
 * A JSON number that a double cannot hold without loss, kept as it was written. Two are the same when they have the
 * same value: `1.50` and `15e-1` are, `9007199254740993` and `9007199254740992` are not.
 *
 * @example
 * new ExactNumber('9007199254740993').equals(new ExactNumber('9007199254740992')) // false
 */
export class ExactNumber {
  readonly kind = 'number'
  /** The digits as they stand in the document. */
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  equals(other: ExactNumber | number): boolean {
    const text = typeof other === 'number' ? String(other) : other.text
    return this.text === text || canonicalDecimal(this.text) === canonicalDecimal(text)
  }

  toString(): string {
    return this.text
  }

  /** Shown as a number where a message prints the value as JSON. */
  toJSON(): string {
    return this.text
  }
}

/** Sign, digits without zeros at either end, and exponent: equal for equal numbers. */
export function canonicalDecimal(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)
  if (match === null) return text
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  let start = 0
  const digits = whole + fraction
  while (start < digits.length && digits.charCodeAt(start) === 48) start++
  let end = digits.length
  while (end > start && digits.charCodeAt(end - 1) === 48) end--
  if (start === end) return '0'
  const scale = BigInt(exponent.slice(0, 20)) - BigInt(fraction.length) + BigInt(digits.length - end)
  return `${sign}${digits.slice(start, end)}e${scale}`
}
