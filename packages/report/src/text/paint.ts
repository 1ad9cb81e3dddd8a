/** Colours that mean something in a report. */
export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'bold' | 'accent'

const CODES: Record<Tone, readonly [number, number]> = {
  good: [32, 39],
  bad: [31, 39],
  warn: [33, 39],
  accent: [36, 39],
  dim: [2, 22],
  bold: [1, 22],
}

/** Colours text, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string

/**
 * A painter; without colours it returns its text.
 *
 * @example
 * createPaint(false)('bad', 'failed') // 'failed'
 */
export function createPaint(color: boolean): Paint {
  if (!color) return (_tone, text) => text
  return (tone, text) => {
    const [on, off] = CODES[tone]
    return `\u001b[${on}m${text}\u001b[${off}m`
  }
}
