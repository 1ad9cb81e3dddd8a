import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'

import { z } from 'zod'

import type { UserKey } from '../auth/user.ts'
import type { SessionCache } from '../cache/session-cache.ts'
import type { Page } from '../database/page.ts'
import { HttpError } from '../http/http-error.ts'
import { idOfKey, keyWasUsed } from '../idempotency/idempotency-key.ts'
import type { ThreadStore } from './thread-store.ts'
import { threadSchema, type NewThread, type Thread } from './thread.ts'

export interface ThreadsOptions {
  store: ThreadStore
  cache: SessionCache
  /** Told when the cache fails. Nobody else notices. */
  onProblem: (problem: string, error: unknown) => void
  /** Makes ids of threads. Default: random UUIDs. */
  newId?: () => string
}

/** Threads never change, so a cached one is never wrong. */
const TTL_SECONDS = 3600

const cachedSchema = z.object({ tenant: z.string(), thread: threadSchema })

/** Where a thread is cached. */
export const threadKey = (thread_id: string): string => `thread:${thread_id}`

/** Threads of users: in Postgres, with copies in the cache, which is asked first and may be away. */
export class Threads {
  readonly #options: ThreadsOptions

  constructor(options: ThreadsOptions) {
    this.#options = options
  }

  /**
   * With an idempotency key the same request makes one thread, however often it is sent.
   *
   * @throws HttpError 404 when the session is another user's, 409 when it is a thread already
   * @throws RequestValidationError when the key was used for another request
   */
  async create(wanted: NewThread, owner: UserKey, idempotencyKey?: string): Promise<Thread> {
    const { store, newId = randomUUID } = this.#options
    const own = idempotencyKey === undefined ? newId() : idOfKey('thread', owner, idempotencyKey)
    const { thread, created } = await store.create(wanted.thread_id ?? own, owner, wanted)
    if (!created) {
      if (idempotencyKey === undefined) throw new HttpError(409, 'The thread exists')
      const same = thread.title === wanted.title && isDeepStrictEqual(thread.metadata, wanted.metadata)
      // Of an id that the client chose the key says nothing.
      if (!same)
        throw wanted.thread_id === undefined ? keyWasUsed(idempotencyKey) : new HttpError(409, 'The thread exists')
    }
    // Not waited for: a slow cache shall not slow down requests.
    void this.#remember(thread, owner.tenant)
    return thread
  }

  async find(thread_id: string, owner: UserKey): Promise<Thread | undefined> {
    const cached = await this.#recall(thread_id)
    if (cached) {
      const isOwner = cached.tenant === owner.tenant && cached.thread.user_id === owner.id
      return isOwner ? cached.thread : undefined
    }
    const thread = await this.#options.store.find(thread_id, owner)
    if (thread) void this.#remember(thread, owner.tenant)
    return thread
  }

  /** The newest threads first. */
  list(owner: UserKey, options: { limit: number; before?: number }): Promise<Page<Thread>> {
    return this.#options.store.list(owner, options)
  }

  /** What is cached, if it is a thread: others can write there, too. */
  async #recall(thread_id: string): Promise<z.output<typeof cachedSchema> | undefined> {
    const { cache, onProblem } = this.#options
    try {
      const read = cachedSchema.safeParse(await cache.get(threadKey(thread_id)))
      return read.success && read.data.thread.thread_id === thread_id ? read.data : undefined
    } catch (error) {
      onProblem('reading from the cache failed', error)
      return undefined
    }
  }

  async #remember(thread: Thread, tenant: string): Promise<void> {
    const { cache, onProblem } = this.#options
    try {
      await cache.set(threadKey(thread.thread_id), { tenant, thread }, TTL_SECONDS)
    } catch (error) {
      onProblem('writing to the cache failed', error)
    }
  }
}
