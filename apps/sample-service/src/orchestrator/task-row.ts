import type { Selectable } from 'kysely'

import type { Tables } from '../database/tables.ts'
import { storable } from '../schemas/storable-text.ts'
import type { TaskOutcome } from './run-task.ts'
import type { Task } from './task.ts'

export type TaskRow = Selectable<Tables['tasks']>

/** The part of a task that only its end tells, as the column `outcome` keeps it. */
type StoredOutcome = Pick<Task, 'model' | 'simulated' | 'result' | 'quality' | 'attempts' | 'error' | 'error_code'> & {
  estimated: boolean
}

const NOTHING: StoredOutcome = {
  model: null,
  simulated: null,
  result: null,
  quality: null,
  attempts: [],
  error: null,
  error_code: null,
  estimated: false,
}

/** The columns of a task that has ended. */
export function rowOfOutcome(outcome: TaskOutcome, threshold: number) {
  const { answered, attempts, tokens, cost_usd } = outcome
  const stored: StoredOutcome = {
    ...NOTHING,
    attempts: attempts.map(({ agent, outcome: came, calls, error }) => ({
      agent,
      outcome: came,
      calls,
      error: error === undefined ? null : storable(error),
    })),
    estimated: tokens.estimated,
    ...(answered
      ? {
          model: storable(answered.answer.model),
          simulated: answered.answer.simulated,
          result: storable(answered.answer.text),
          quality: { score: answered.quality.score, threshold, passed: answered.quality.score >= threshold },
        }
      : failureOf(attempts)),
  }
  return {
    status: answered ? ('completed' as const) : ('failed' as const),
    agent: answered?.agent ?? null,
    outcome: JSON.stringify(stored),
    tokens_input: tokens.input,
    tokens_output: tokens.output,
    cost_usd,
    quality: answered?.quality.score ?? null,
  }
}

/** The outcome of a task that ended without its agents, as text for the column. */
export function storedFailure(error: string, error_code: string): string {
  return JSON.stringify({ ...NOTHING, error, error_code })
}

/** A row as the API shows it. */
export function taskOfRow(row: TaskRow): Task {
  const { estimated, ...ended } = { ...NOTHING, ...(row.outcome as Partial<StoredOutcome>) }
  return {
    task_id: row.task_id,
    project_id: row.project_id,
    type: row.type as Task['type'],
    prompt: row.prompt,
    status: row.status,
    agent: row.agent as Task['agent'],
    ...ended,
    tokens: {
      input: row.tokens_input,
      output: row.tokens_output,
      total: row.tokens_input + row.tokens_output,
      estimated,
    },
    cost_usd: row.cost_usd,
    created_at: row.created_at.toISOString(),
    completed_at: row.completed_at?.toISOString() ?? null,
  }
}

/** Agents that were not even asked may answer later; agents that failed were asked. */
function failureOf(attempts: TaskOutcome['attempts']): Pick<StoredOutcome, 'error' | 'error_code'> {
  const unasked = attempts.every(({ outcome }) => outcome === 'circuit_open' || outcome === 'overloaded')
  const reasons = attempts.map(({ agent, error }) => `${agent}: ${error}`).join(' ')
  return {
    error: storable(`No agent answered. ${reasons}`),
    error_code: unasked ? 'AGENTS_UNAVAILABLE' : 'AGENTS_FAILED',
  }
}
