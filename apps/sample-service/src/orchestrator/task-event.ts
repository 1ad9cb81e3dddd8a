import type { UserKey } from '../auth/user.ts'
import { idSchema, type EventSchema } from '../events/event-schema.ts'
import type { Task } from './task.ts'

/** What happens to a task, as WebSockets show it. */
export interface TaskEvent {
  type: 'task_started' | 'task_completed' | 'task_failed'
  task_id: string
  project_id: string | null
  /** When, in UTC. */
  at: string
  /** Who answered; only of a completed task. */
  agent?: string
  /** Why it failed; only of a failed task. */
  error?: string
  error_code?: string
}

/** A task event on the bus, where it says whom it may reach. */
export interface OwnedTaskEvent {
  owner: UserKey
  event: TaskEvent
}

export const ownedTaskEvent: EventSchema<OwnedTaskEvent> = {
  name: 'task_event',
  schema: {
    type: 'object',
    required: ['owner', 'event'],
    properties: {
      owner: {
        type: 'object',
        required: ['tenant', 'id'],
        properties: { tenant: { type: 'string' }, id: { type: 'string' } },
      },
      event: {
        type: 'object',
        required: ['type', 'task_id', 'project_id', 'at'],
        properties: {
          type: { type: 'string', enum: ['task_started', 'task_completed', 'task_failed'] },
          task_id: idSchema,
          project_id: { type: ['string', 'null'] },
          at: { type: 'string' },
        },
      },
    },
  },
}

/** The event that says what a task has become. */
export function taskEventOf(task: Task, at: Date): TaskEvent {
  const { task_id, project_id, status, agent, error, error_code } = task
  const common = { task_id, project_id, at: at.toISOString() }
  if (status === 'running') return { type: 'task_started', ...common }
  if (status === 'completed') return { type: 'task_completed', ...common, ...(agent !== null && { agent }) }
  return {
    type: 'task_failed',
    ...common,
    ...(error !== null && { error }),
    ...(error_code !== null && { error_code }),
  }
}
