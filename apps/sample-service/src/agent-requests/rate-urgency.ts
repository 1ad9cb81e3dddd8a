import { z } from 'zod'

import { defineTool } from '../tools/tool.ts'
import type { Advice } from './agent-request.ts'

export interface Urgency {
  priority: Advice['priority']
  /** What it follows from. */
  words: string[]
}

const HIGH = /\b(down|outage|data loss|breach|unsafe|emergency|cannot log in|suicid\w*)\b/gi
const MEDIUM = /\b(slow|error|fail\w*|broken|billing|deadline)\b/gi

/**
 * How urgent a report reads, by words that reports of this kind have.
 *
 * @example
 * rateUrgency('The site is down') // { priority: 'high', words: ['down'] }
 */
export function rateUrgency(text: string): Urgency {
  for (const [priority, pattern] of [['high', HIGH] as const, ['medium', MEDIUM] as const]) {
    const words = [...new Set((text.match(pattern) ?? []).map((word) => word.toLowerCase()))]
    if (words.length > 0) return { priority, words }
  }
  return { priority: 'low', words: [] }
}

/** The tool of `triage_agent`. */
export const rateUrgencyTool = defineTool({
  name: 'rate_urgency',
  description: 'Rates how urgent a report reads, by its words.',
  args: z.object({ text: z.string().min(1).max(100_000) }),
  run: async ({ text }) => rateUrgency(text),
})
