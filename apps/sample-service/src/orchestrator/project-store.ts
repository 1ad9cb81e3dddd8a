import type { UserKey } from '../auth/user.ts'
import type { Database } from '../database/database.ts'
import { pageOf, type Page } from '../database/page.ts'
import type { NewProject, Project } from './project.ts'
import { storedFailure } from './task-row.ts'
import { addTaskEvents, type TaskListOptions } from './task-store.ts'

interface ProjectRow {
  sequence: number
  project_id: string
  name: string
  description: string
  created_at: Date
}

/** Projects in the table `projects`. Each belongs to one user, and is not there for any other. */
export class ProjectStore {
  readonly #database: Database
  readonly #onCommitted: () => void

  /** `onCommitted` is called when there is something to publish. */
  constructor(database: Database, onCommitted: () => void) {
    this.#database = database
    this.#onCommitted = onCommitted
  }

  /** Undefined when there is a project of this id. */
  async create(project_id: string, owner: UserKey, { name, description }: NewProject): Promise<Project | undefined> {
    const row = await this.#database.query
      .insertInto('projects')
      .values({ project_id, tenant: owner.tenant, user_id: owner.id, name, description })
      .onConflict((conflict) => conflict.column('project_id').doNothing())
      .returningAll()
      .executeTakeFirst()
    return row && projectOf(row)
  }

  async find(project_id: string, owner: UserKey): Promise<Project | undefined> {
    const row = await this.#database.query
      .selectFrom('projects')
      .selectAll()
      .where('project_id', '=', project_id)
      .where('tenant', '=', owner.tenant)
      .where('user_id', '=', owner.id)
      .executeTakeFirst()
    return row && projectOf(row)
  }

  /** The newest projects first. */
  async list(owner: UserKey, { limit, before }: TaskListOptions): Promise<Page<Project>> {
    const rows = await this.#database.query
      .selectFrom('projects')
      .selectAll()
      .where('tenant', '=', owner.tenant)
      .where('user_id', '=', owner.id)
      .$if(before !== undefined, (query) => query.where('sequence', '<', before!))
      .orderBy('sequence', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(rows, limit, projectOf)
  }

  /** Deletes a project, and its tasks with it; who follows those that run is told. False when there is none. */
  async remove(project_id: string, owner: UserKey): Promise<boolean> {
    const removed = await this.#database.query.transaction().execute(async (transaction) => {
      // Locked first: no task can be started meanwhile.
      const project = await transaction
        .selectFrom('projects')
        .select('project_id')
        .where('project_id', '=', project_id)
        .where('tenant', '=', owner.tenant)
        .where('user_id', '=', owner.id)
        .forUpdate()
        .executeTakeFirst()
      if (!project) return false
      const outcome = JSON.parse(storedFailure('The project was deleted.', 'DELETED')) as unknown
      const running = await transaction
        .selectFrom('tasks')
        .selectAll()
        .where('project_id', '=', project_id)
        .where('status', '=', 'running')
        .forUpdate()
        .execute()
      await addTaskEvents(
        transaction,
        running.map((row) => ({ ...row, status: 'failed' as const, outcome })),
      )
      await transaction.deleteFrom('projects').where('project_id', '=', project_id).execute()
      return true
    })
    if (removed) this.#onCommitted()
    return removed
  }
}

function projectOf({ project_id, name, description, created_at }: ProjectRow): Project {
  return { project_id, name, description, created_at: created_at.toISOString() }
}
