import { z } from 'zod'

import type { ChatAnswer, ChatMessage } from '../model/chat-model.ts'
import type { Advice } from './agent-request.ts'
import type { CostAnalysis } from './analyze-costs.ts'
import { splitContext } from './context.ts'
import type { Urgency } from './rate-urgency.ts'

const STAND_IN = 'This is the local deterministic model, not a language model.'

const resultSchema = z.object({ status: z.enum(['ok', 'error']), payload: z.unknown() })

/** Asks for one tool, and makes an answer of its result. */
function standIn<Payload>(
  tool: string,
  argsOf: (asked: ReturnType<typeof splitContext>) => object,
  adviceOf: (payload: Payload) => Advice,
) {
  return (messages: readonly ChatMessage[]): Partial<ChatAnswer> => {
    const asked = messages.findLastIndex(({ role }) => role === 'user')
    const told = messages.slice(asked).find(({ role }) => role === 'tool')
    if (!told) {
      const args = JSON.stringify(argsOf(splitContext(messages[asked]?.content ?? '')))
      return { tool_calls: [{ id: `local-${tool}`, name: tool, arguments: args }] }
    }
    const { status, payload } = resultSchema.parse(JSON.parse(told.content))
    return {
      content: JSON.stringify(status === 'ok' ? adviceOf(payload as Payload) : nothing(JSON.stringify(payload))),
    }
  }
}

const savings = (monthly_amount: number): Advice['potential_savings'] => ({ monthly_amount, currency: 'USD' })

function nothing(why: string): Advice {
  return {
    summary: `${STAND_IN} It could not look at the context.`,
    priority: 'low',
    recommendations: [{ title: 'Check the context', detail: why.slice(0, 5_000), monthly_savings: 0 }],
    potential_savings: savings(0),
  }
}

/** What the local model says as `cost_optimizer`. */
export const costStandIn = standIn<CostAnalysis>(
  'analyze_costs',
  ({ context }) => ({ costs: context['costs'] ?? [] }),
  ({ monthly_total, idle, monthly_idle }) => ({
    summary: `${STAND_IN} Of $${monthly_total} a month $${monthly_idle} are paid for and not used.`,
    priority: monthly_idle > monthly_total / 4 ? 'high' : monthly_idle > 0 ? 'medium' : 'low',
    recommendations:
      idle.length === 0
        ? [{ title: 'Keep what there is', detail: 'The context names no costs that are not used.', monthly_savings: 0 }]
        : idle.slice(0, 50).map(({ name, monthly_amount }) => ({
            title: `Reduce ${name}`.slice(0, 200),
            detail: 'It is paid for and not used.',
            monthly_savings: monthly_amount,
          })),
    potential_savings: savings(monthly_idle),
  }),
)

const NEXT_STEP: Record<Urgency['priority'], string> = {
  high: 'Have somebody look at it now',
  medium: 'Have somebody look at it today',
  low: 'Put it into the queue',
}

/** What the local model says as `triage_agent`. */
export const triageStandIn = standIn<Urgency>(
  'rate_urgency',
  ({ message }) => ({ text: message }),
  ({ priority, words }) => ({
    summary: `${STAND_IN} By its words this is of ${priority} priority.`,
    priority,
    recommendations: [
      {
        title: NEXT_STEP[priority],
        detail: words.length > 0 ? `It says ${words.join(', ')}.` : 'It says nothing that sounds urgent.',
        monthly_savings: 0,
      },
    ],
    potential_savings: savings(0),
  }),
)
