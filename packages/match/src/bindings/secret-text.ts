/**
 * Placeholders of redacted secrets, as recordings hold them: `{{secret.1}}` stands for a value; `{{secret.!1}}` is
 * literal text `{{secret.1}}` of the traffic, escaped. This is the reading half of what `@keploy-framework/redact`
 * writes, which this package may not import; a test of the runner, which may import both, holds the two together.
 */
const PLACEHOLDER = /\{\{secret\.(!*)([1-9]\d{0,9})\}\}/g
const OPEN = '{{secret.'

/** A text with placeholders, taken apart: one literal more than numbers, escapes undone. */
export interface SecretText {
  readonly literals: readonly string[]
  readonly numbers: readonly number[]
}

/** A quick look: whether a text can hold placeholders, escaped ones too. */
export function hasSecret(text: string): boolean {
  return text.includes(OPEN)
}

/** The placeholder of a secret. */
export function placeholderOf(number: number): string {
  return `${OPEN}${number}}}`
}

/** Takes a text apart at its placeholders. */
export function readSecretText(text: string): SecretText {
  const literals: string[] = []
  const numbers: number[] = []
  let literal = ''
  let end = 0
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [whole, escapes = '', digits = ''] = match
    literal += text.slice(end, match.index)
    end = match.index + whole.length
    if (escapes === '') {
      literals.push(literal)
      numbers.push(Number(digits))
      literal = ''
    } else literal += `${OPEN}${whole.slice(OPEN.length + 1)}`
  }
  literals.push(literal + text.slice(end))
  return { literals, numbers }
}

/** The number of the secret that a text is as a whole; undefined when it holds anything else. */
export function soleSecret(text: string): number | undefined {
  if (!text.startsWith(OPEN)) return undefined
  const { literals, numbers } = readSecretText(text)
  return numbers.length === 1 && literals[0] === '' && literals[1] === '' ? numbers[0] : undefined
}

/** Whether a secret that follows this literal is the value of a query parameter. */
export function isInQuery(before: string): boolean {
  return /[?&][^\s?&=]*=$/.test(before)
}

/** A value as it may stand where encodings are undone or not: itself, percent-encoded, as form data, in a JSON string. */
export function writings(value: string): string[] {
  if (!value.isWellFormed()) return [value]
  const percent = encodeURIComponent(value)
  return [...new Set([value, percent, percent.replaceAll('%20', '+'), JSON.stringify(value).slice(1, -1)])].sort(
    (a, b) => b.length - a.length,
  )
}
