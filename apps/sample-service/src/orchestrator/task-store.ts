import { sql } from 'kysely'

import type { UserKey } from '../auth/user.ts'
import type { Database, Query } from '../database/database.ts'
import { pageOf, type Page } from '../database/page.ts'
import { topics } from '../events/topics.ts'
import { addToOutbox } from '../outbox/outbox.ts'
import type { TaskOutcome } from './run-task.ts'
import { taskEventOf, type OwnedTaskEvent } from './task-event.ts'
import { rowOfOutcome, storedFailure, taskOfRow, type TaskRow } from './task-row.ts'
import type { NewTask, Task } from './task.ts'

export interface TaskListOptions {
  /** How many tasks at most. */
  limit: number
  /** Only tasks before this position; as `Page.next` gave it, decoded. */
  before?: number
}

/** Tasks in the table `tasks`. Every change of one is told on `task.events`, by the outbox of the same transaction. */
export class TaskStore {
  readonly #database: Database
  readonly #onCommitted: () => void

  /** `onCommitted` is called when there is something to publish. */
  constructor(database: Database, onCommitted: () => void) {
    this.#database = database
    this.#onCommitted = onCommitted
  }

  /** Stores a task that runs now, for `seconds` at most; undefined when the owner has no such project. */
  async start(task_id: string, owner: UserKey, wanted: NewTask, seconds: number): Promise<Task | undefined> {
    const [task] = await this.#tell(async (transaction) => {
      if (wanted.project_id !== null) {
        // Held until the end, so that the project cannot be deleted in between.
        const project = await transaction
          .selectFrom('projects')
          .select('project_id')
          .where('project_id', '=', wanted.project_id)
          .where('tenant', '=', owner.tenant)
          .where('user_id', '=', owner.id)
          .forKeyShare()
          .executeTakeFirst()
        if (!project) return []
      }
      const row = await transaction
        .insertInto('tasks')
        .values({
          task_id,
          tenant: owner.tenant,
          user_id: owner.id,
          project_id: wanted.project_id,
          type: wanted.type,
          prompt: wanted.prompt,
          status: 'running',
          outcome: '{}',
          deadline_at: sql`now() + make_interval(secs => ${seconds})`,
        })
        .returningAll()
        .executeTakeFirstOrThrow()
      return [row]
    })
    return task
  }

  /** Stores what a task came to; undefined when it no longer runs, because it was deleted or given up. */
  async finish(task_id: string, outcome: TaskOutcome, threshold: number): Promise<Task | undefined> {
    const [task] = await this.#tell(async (transaction) => {
      const row = await transaction
        .updateTable('tasks')
        .set({ ...rowOfOutcome(outcome, threshold), completed_at: sql<Date>`now()` })
        .where('task_id', '=', task_id)
        .where('status', '=', 'running')
        .returningAll()
        .executeTakeFirst()
      return row ? [row] : []
    })
    return task
  }

  /** Gives up the tasks whose time is over: the process that ran them is gone. Resolves with how many there were. */
  async giveUpOverdue(): Promise<number> {
    const outcome = storedFailure('The process that ran the task has ended.', 'INTERRUPTED')
    const tasks = await this.#tell(async (transaction) => {
      return transaction
        .updateTable('tasks')
        .set({ status: 'failed', outcome, completed_at: sql<Date>`now()` })
        .where('status', '=', 'running')
        .where('deadline_at', '<', sql<Date>`now()`)
        .returningAll()
        .execute()
    })
    return tasks.length
  }

  async find(task_id: string, owner: UserKey): Promise<Task | undefined> {
    const row = await this.#database.query
      .selectFrom('tasks')
      .selectAll()
      .where('task_id', '=', task_id)
      .where('tenant', '=', owner.tenant)
      .where('user_id', '=', owner.id)
      .executeTakeFirst()
    return row && taskOfRow(row)
  }

  /** The newest tasks of a project first. Whose project it is, the caller has looked at. */
  async list(project_id: string, { limit, before }: TaskListOptions): Promise<Page<Task>> {
    const rows = await this.#database.query
      .selectFrom('tasks')
      .selectAll()
      .where('project_id', '=', project_id)
      .$if(before !== undefined, (query) => query.where('sequence', '<', before!))
      .orderBy('sequence', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(rows, limit, taskOfRow)
  }

  /** Changes tasks in a transaction that also writes their events. */
  async #tell(change: (transaction: Query) => Promise<TaskRow[]>): Promise<Task[]> {
    const rows = await this.#database.query.transaction().execute(async (transaction) => {
      const changed = await change(transaction)
      await addTaskEvents(transaction, changed)
      return changed
    })
    if (rows.length > 0) this.#onCommitted()
    return rows.map(taskOfRow)
  }
}

/** Writes what tasks have become to the outbox, keyed by task so that each task's events keep their order. */
export function addTaskEvents(transaction: Query, rows: readonly TaskRow[]): Promise<void> {
  const at = new Date()
  return addToOutbox(
    transaction,
    rows.map((row) => {
      const value: OwnedTaskEvent = {
        owner: { tenant: row.tenant, id: row.user_id },
        event: taskEventOf(taskOfRow(row), at),
      }
      return { topic: topics.taskEvents, key: row.task_id, value }
    }),
  )
}
