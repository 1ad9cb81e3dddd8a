import { z } from 'zod'

import { idSchema } from '../schemas/id.ts'
import { jsonValue } from '../schemas/json-value.ts'
import { storableText } from '../schemas/storable-text.ts'

export const requestedAgents = ['cost_optimizer', 'triage_agent'] as const

/** What a client asks an agent, over HTTP or a WebSocket. */
export const agentRequestSchema = z
  .object({
    type: z.literal('agent_request'),
    agent: z.enum(requestedAgents),
    message: storableText.min(1).max(100_000),
    context: z
      .record(z.string(), jsonValue)
      .default({})
      .describe('What the agent is to look at: `costs`, a list of `{ name, monthly_amount, utilization }`, say.'),
    session_id: idSchema.optional().describe('A thread or session of yours. Without one a new session begins.'),
  })
  .meta({ id: 'AgentRequest' })

const recommendationSchema = z.object({
  title: z.string().min(1).max(200),
  detail: z.string().max(5_000),
  monthly_savings: z.number().nonnegative().describe('In US dollars; 0 where it is not about money.'),
})

/** What an agent answers. */
export const adviceSchema = z.object({
  summary: z.string().min(1).max(5_000),
  priority: z.enum(['low', 'medium', 'high']).describe('How soon something should be done.'),
  recommendations: z.array(recommendationSchema).min(1).max(50),
  potential_savings: z.object({
    monthly_amount: z.number().nonnegative(),
    currency: z.literal('USD'),
  }),
})

/** The advice, and who gave it. */
export const agentResultSchema = adviceSchema
  .extend({
    agent: z.enum(requestedAgents),
    model: z.string(),
    simulated: z.boolean().describe('Whether the local deterministic model stood in for a language model.'),
  })
  .meta({ id: 'AgentResult' })

export const acceptedAgentRequestSchema = z
  .object({ request_id: z.string(), session_id: z.string(), status: z.literal('running') })
  .meta({ id: 'AcceptedAgentRequest' })

export const agentRequestStateSchema = z
  .object({
    request_id: z.string(),
    session_id: z.string(),
    agent: z.enum(requestedAgents),
    status: z.enum(['running', 'completed', 'failed']),
    result: agentResultSchema.nullable(),
    error: z.string().nullable(),
    error_code: z.string().nullable(),
  })
  .meta({ id: 'AgentRequestState' })

export const agentRequestPathSchema = z.object({ request_id: idSchema })

export type AgentRequest = z.output<typeof agentRequestSchema>
export type Advice = z.output<typeof adviceSchema>
export type AgentRequestState = z.output<typeof agentRequestStateSchema>
