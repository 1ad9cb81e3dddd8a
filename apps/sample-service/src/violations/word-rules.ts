import type { Violation } from './violation.ts'

interface WordRule {
  type: Violation['type']
  words: RegExp
}

/**
 * What stands in for a model: words that people who break a rule often use. It misses whatever is said otherwise, and
 * flags whoever quotes; that is why what it finds is called simulated.
 */
const rules: readonly WordRule[] = [
  { type: 'self_harm', words: /\b(kill myself|end my life|suicide|hurt myself|self-harm)\b/i },
  { type: 'violence', words: /\b(kill (him|her|them|you)|shoot (him|her|them|you)|make a bomb|stab)\b/i },
  { type: 'harassment', words: /\b(you are worthless|i will find you|shut up, you)\b/i },
  {
    type: 'illegal_activity',
    words: /\b(sell drugs|launder money|fake prescription|steal (his|her|their) identity)\b/i,
  },
  {
    type: 'prompt_injection',
    words: /\b(ignore (all|your|the) (previous )?instructions|reveal your system prompt)\b/i,
  },
]

/**
 * The violations that the words of a text show: at most one of each type.
 *
 * @example
 * violationsByWords('Where can I sell drugs?')
 * // [{ type: 'illegal_activity', explanation: 'A list of words, not a model: it says "sell drugs".' }]
 */
export function violationsByWords(text: string): Violation[] {
  return rules.flatMap(({ type, words }) => {
    const [found] = words.exec(text) ?? []
    return found === undefined ? [] : [{ type, explanation: `A list of words, not a model: it says "${found}".` }]
  })
}
