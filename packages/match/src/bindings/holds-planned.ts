import { entityOfWord } from '../forms/key-context.ts'
import type { PlannedValue } from './binding-plan.ts'
import { valueKey } from './candidates.ts'
import { hasSecret, tokenize } from './tokens.ts'

/** Whether a text of a response is, or has as a word, a planned value or a secret. */
export function holdsPlanned(
  text: string,
  entity: string | undefined,
  values: ReadonlyMap<string, PlannedValue>,
): boolean {
  if (values.has(text) || hasSecret(text)) return true
  if (entity !== undefined && values.has(valueKey(text, entity))) return true
  if (text.length < 4) return false
  const { words, gaps } = tokenize(text)
  return words.some((word, index) => {
    if (words.length > 1 && values.has(word)) return true
    return gaps[index] === '/' && values.has(valueKey(word, entityOfWord(words[index - 1] ?? '')))
  })
}
