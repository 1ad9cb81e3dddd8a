import { sessionNotFound } from '../auth/session-not-found.ts'
import type { SessionOwners } from '../auth/session-owners.ts'
import type { UserKey } from '../auth/user.ts'
import type { Database } from '../database/database.ts'
import { pageOf, type Page } from '../database/page.ts'
import type { NewThread, Thread } from './thread.ts'

interface ThreadRow {
  thread_id: string
  user_id: string
  title: string
  metadata: unknown
  created_at: Date
}

/** A thread, and whether it was made now. */
export interface CreatedThread {
  thread: Thread
  created: boolean
}

/** Threads in the table `threads`. Each is a session of its user, too, from the same transaction on. */
export class ThreadStore {
  readonly #database: Database
  readonly #owners: SessionOwners

  constructor(database: Database, owners: SessionOwners) {
    this.#database = database
    this.#owners = owners
  }

  /**
   * A thread that is there already is left as it is.
   *
   * @throws HttpError 404 when the session of this id is another user's
   */
  async create(thread_id: string, owner: UserKey, { title, metadata }: NewThread): Promise<CreatedThread> {
    const result = await this.#database.query.transaction().execute(async (transaction) => {
      const claim = { session_id: thread_id, user: owner }
      const refused = await this.#owners.claimAll(transaction, [claim])
      if (refused.size > 0) throw sessionNotFound()
      const made = await transaction
        .insertInto('threads')
        .values({
          thread_id,
          tenant: owner.tenant,
          user_id: owner.id,
          title,
          metadata: JSON.stringify(metadata),
        })
        .onConflict((conflict) => conflict.column('thread_id').doNothing())
        .returningAll()
        .executeTakeFirst()
      const row =
        made ??
        (await transaction
          .selectFrom('threads')
          .selectAll()
          .where('thread_id', '=', thread_id)
          .executeTakeFirstOrThrow())
      return { thread: threadOf(row), created: made !== undefined }
    })
    this.#owners.remember(thread_id, owner)
    return result
  }

  async find(thread_id: string, owner: UserKey): Promise<Thread | undefined> {
    const row = await this.#of(owner).selectAll().where('thread_id', '=', thread_id).executeTakeFirst()
    return row && threadOf(row)
  }

  /** The newest threads first. */
  async list(owner: UserKey, { limit, before }: { limit: number; before?: number }): Promise<Page<Thread>> {
    const rows = await this.#of(owner)
      .selectAll()
      .$if(before !== undefined, (query) => query.where('sequence', '<', before!))
      .orderBy('sequence', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(rows, limit, threadOf)
  }

  #of({ tenant, id }: UserKey) {
    return this.#database.query.selectFrom('threads').where('tenant', '=', tenant).where('user_id', '=', id)
  }
}

function threadOf({ thread_id, user_id, title, metadata, created_at }: ThreadRow): Thread {
  return {
    thread_id,
    user_id,
    title,
    metadata: metadata as Thread['metadata'],
    created_at: created_at.toISOString(),
  }
}
