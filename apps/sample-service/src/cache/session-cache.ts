/**
 * Copies of what the database has, for a while. A cache may forget at any time, and whoever uses it must go on without
 * it when it is away. Every implementation passes `test/contracts/session-cache.ts`.
 */
export interface SessionCache extends AsyncDisposable {
  readonly kind: 'Redis' | 'in-memory cache'
  /** What was set, or undefined when that is unknown or too old. */
  get(key: string): Promise<unknown>
  /** Stores anything that JSON can say, for `ttlSeconds`. */
  set(key: string, value: unknown, ttlSeconds: number): Promise<void>
  /** Rejects when the cache does not answer. */
  ping(): Promise<void>
}
