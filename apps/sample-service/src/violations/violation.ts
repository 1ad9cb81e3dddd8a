import { z } from 'zod'

export const violationTypes = [
  'self_harm',
  'violence',
  'harassment',
  'illegal_activity',
  'prompt_injection',
  'other',
] as const

/** One rule that a text breaks. */
export const violationSchema = z.object({
  type: z.enum(violationTypes),
  explanation: z.string().min(1).max(2_000).describe('For people: what breaks the rule, and how.'),
})

/** What a model answers about a text. Nothing is wrong with it when the list is empty. */
export const verdictSchema = z.object({ violations: z.array(violationSchema).max(20) })

/** A violation as it was logged, with the request that it came with. */
export const loggedViolationSchema = violationSchema
  .extend({
    violation_id: z.string(),
    user_id: z.string(),
    session_id: z.string(),
    event_id: z.string().describe('The message.'),
    model: z.string().describe('Which model found it.'),
    simulated: z.boolean().describe('Whether a list of words stood in for a model.'),
    ip: z.string().nullable(),
    user_agent: z.string().nullable(),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Violation' })

export const violationPageSchema = z
  .object({
    violations: z.array(loggedViolationSchema),
    next: z.string().nullable().describe('Given as `before`, it brings the next page. Null on the last page.'),
  })
  .meta({ id: 'ViolationPage' })

export type Violation = z.output<typeof violationSchema>
export type LoggedViolation = z.output<typeof loggedViolationSchema>
