import { z } from 'zod'

import { agentNames } from '../agents/agent.ts'
import { taskTypes } from '../agents/choose-agent.ts'
import { idSchema as id } from '../schemas/id.ts'
import { storableText } from '../schemas/storable-text.ts'

export const taskStatuses = ['running', 'completed', 'failed'] as const

/** What a client wants to have done. */
export const newTaskSchema = z
  .object({
    type: z.enum(taskTypes).describe('Decides which agent is asked first.'),
    prompt: storableText.min(1).max(100_000),
    project_id: id.nullable().default(null).describe('The project that the task belongs to, if any.'),
  })
  .meta({ id: 'NewTask' })

const attemptSchema = z
  .object({
    agent: z.enum(agentNames),
    outcome: z.enum(['answered', 'poor', 'failed', 'refused', 'circuit_open', 'overloaded']),
    calls: z.number().int().describe('How often the agent was called: retries count.'),
    error: z.string().nullable(),
  })
  .meta({ id: 'AgentAttempt' })

/** A task as the API shows it. */
export const taskSchema = z
  .object({
    task_id: z.string(),
    project_id: z.string().nullable(),
    type: z.enum(taskTypes),
    prompt: z.string(),
    status: z.enum(taskStatuses),
    agent: z.enum(agentNames).nullable().describe('Who answered.'),
    model: z.string().nullable(),
    simulated: z.boolean().nullable().describe('Whether the local deterministic model stood in for the agent.'),
    result: z.string().nullable(),
    tokens: z
      .object({ input: z.number().int(), output: z.number().int(), total: z.number().int(), estimated: z.boolean() })
      .describe('Of all calls, those whose answers were not good enough too.'),
    cost_usd: z.number().nullable().describe('Null where an agent has neither told its cost nor got a price.'),
    quality: z
      .object({ score: z.number(), threshold: z.number(), passed: z.boolean() })
      .nullable()
      .describe('The share of checkable rules that the answer keeps.'),
    attempts: z.array(attemptSchema).describe('The agents that were asked, in order.'),
    error: z.string().nullable(),
    error_code: z.string().nullable(),
    created_at: z.string().meta({ format: 'date-time' }),
    completed_at: z.string().nullable().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Task' })

export const taskPathSchema = z.object({ task_id: id })

export type NewTask = z.output<typeof newTaskSchema>
export type Task = z.output<typeof taskSchema>
