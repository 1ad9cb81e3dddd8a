import type { PostgresSessionStore, StreamEvent } from '../sessions/postgres-session-store.ts'

/** How many events are read at once. */
export const PAGE = 100

/** Reads events for streams. Those that ask for the same page in the same turn of the event loop share one query. */
export class EventReader {
  readonly #store: PostgresSessionStore
  /** Reads that have not begun. One that has could miss what its next reader was woken for. */
  readonly #planned = new Map<string, Promise<StreamEvent[]>>()

  constructor(store: PostgresSessionStore) {
    this.#store = store
  }

  /** The next events of a session after a position, a page of them. Not to be changed: others may have them, too. */
  after(session_id: string, position: number): Promise<readonly StreamEvent[]> {
    const key = `${position} ${session_id}`
    let read = this.#planned.get(key)
    if (!read) {
      read = new Promise((resolve) => setImmediate(resolve)).then(() => {
        this.#planned.delete(key)
        return this.#store.eventsAfter(session_id, position, PAGE)
      })
      this.#planned.set(key, read)
    }
    return read
  }
}
