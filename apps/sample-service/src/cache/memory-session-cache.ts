import type { SessionCache } from './session-cache.ts'

/** A cache within this process, with the `capacity` values that were set last. */
export class MemorySessionCache implements SessionCache {
  readonly kind = 'in-memory cache'
  readonly #values = new Map<string, { text: string; until: number }>()
  readonly #capacity: number
  readonly #now: () => number

  constructor(options: { capacity?: number; now?: () => number } = {}) {
    this.#capacity = options.capacity ?? 10_000
    this.#now = options.now ?? Date.now
  }

  async get(key: string): Promise<unknown> {
    const found = this.#values.get(key)
    if (!found) return undefined
    if (found.until > this.#now()) return JSON.parse(found.text) as unknown
    this.#values.delete(key)
    return undefined
  }

  async set(key: string, value: unknown, ttlSeconds: number): Promise<void> {
    this.#values.delete(key)
    this.#values.set(key, { text: JSON.stringify(value), until: this.#now() + ttlSeconds * 1000 })
    if (this.#values.size > this.#capacity) {
      for (const oldest of this.#values.keys()) {
        this.#values.delete(oldest)
        break
      }
    }
  }

  async ping(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.#values.clear()
  }
}
