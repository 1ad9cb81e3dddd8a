import type { Session } from '../schemas/session.ts'

/** Where sessions are kept. Every implementation passes the tests in `session-store.test.ts`. */
export interface SessionStore extends AsyncDisposable {
  /** Stores a session and returns it as stored. */
  create(session: Session): Promise<Session>
  /** The newest sessions first. */
  list(options: { limit: number }): Promise<Session[]>
  find(id: string): Promise<Session | undefined>
  /** Whether there was such a session. */
  remove(id: string): Promise<boolean>
  /** Rejects when the store cannot answer. */
  ping(): Promise<void>
}
