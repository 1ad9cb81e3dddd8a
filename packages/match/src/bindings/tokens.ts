/** The pieces of a text that may be generated values, and what stands between them. */
export interface Tokens {
  readonly words: readonly string[]
  /** One more than words: before the first, between them, after the last. */
  readonly gaps: readonly string[]
}

const UUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'
const WORD = new RegExp(
  [
    String.raw`\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?(?![\w-])`,
    String.raw`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d[ -][A-Z][a-z]{2}[ -]\d{4} \d\d:\d\d:\d\d GMT`,
    String.raw`eyJ[\w-]*\.[\w-]+\.[\w-]*`,
    UUID,
    `(?:(?!${UUID})[\\w-])+`,
  ].join('|'),
  'g',
)

/** Splits a text into words (ids, dates, tokens, plain words) and gaps. Joined in turn they are the text again. */
export function tokenize(text: string): Tokens {
  const words: string[] = []
  const gaps: string[] = []
  let end = 0
  for (const match of text.matchAll(WORD)) {
    gaps.push(text.slice(end, match.index))
    words.push(match[0])
    end = match.index + match[0].length
  }
  gaps.push(text.slice(end))
  return { words, gaps }
}

/** The text of tokens with other words in place. */
export function joinTokens({ gaps }: Tokens, words: readonly string[]): string {
  let text = gaps[0] ?? ''
  for (let index = 0; index < words.length; index++) text += `${words[index] ?? ''}${gaps[index + 1] ?? ''}`
  return text
}

/** Placeholders of redacted secrets in a text: `{{secret.1}}`. */
export const SECRET = /\{\{secret\.([1-9]\d{0,9})\}\}/g
export { hasSecret } from './secret-text.ts'
