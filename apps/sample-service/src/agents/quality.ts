export interface Quality {
  /** From 0 to 1: the share of the rules that the answer keeps. */
  score: number
  /** The rules that it breaks, for people. */
  broken: string[]
}

interface Rule {
  name: string
  keeps(answer: string, prompt: string): boolean
}

const REFUSAL = /\b(i (cannot|can't|am unable to|'m unable to|won't) (help|assist|do|answer|comply)|as an ai\b)/i
const PLACEHOLDER = /\{\{[^}]*\}\}|\[(insert|your)\b[^\]]*\]|\bTODO\b|\blorem ipsum\b/i
/** What an answer that was cut off ends with: a word, a comma, an opening bracket. */
const CUT_OFF = /[,;:([{<&=+-]$/
const WORD = /[\p{L}\p{N}]{4,}/gu

/** Weighed the same; with five of them one broken rule is below the default threshold of 0.85. */
const rules: readonly Rule[] = [
  { name: 'has substance', keeps: (answer) => answer.length >= 20 },
  { name: 'takes the task on', keeps: (answer) => !REFUSAL.test(answer) },
  { name: 'leaves no gaps to fill', keeps: (answer) => !PLACEHOLDER.test(answer) },
  { name: 'is complete', keeps: (answer) => !CUT_OFF.test(answer) && (answer.match(/^```/gm)?.length ?? 0) % 2 === 0 },
  { name: 'speaks of the task', keeps: speaksOf },
]

/**
 * Judges an answer by rules that a program can check. They find what is no answer at all; whether an answer is right
 * they do not know.
 *
 * @example
 * qualityOf('As an AI I cannot help with that.', 'Check the login form.') // score 0.6
 */
export function qualityOf(answer: string, prompt: string): Quality {
  const text = answer.trim()
  const broken = text === '' ? rules : rules.filter((rule) => !rule.keeps(text, prompt))
  return { score: (rules.length - broken.length) / rules.length, broken: broken.map(({ name }) => name) }
}

/** Whether the answer has a word of the prompt; short prompts have none to look for. */
function speaksOf(answer: string, prompt: string): boolean {
  const words = new Set(prompt.toLowerCase().match(WORD))
  if (words.size < 3) return true
  const said = new Set(answer.toLowerCase().match(WORD))
  return [...words].some((word) => said.has(word))
}
