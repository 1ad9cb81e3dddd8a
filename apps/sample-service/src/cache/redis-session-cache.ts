import { Redis } from 'ioredis'

import type { SessionCache } from './session-cache.ts'

/**
 * A cache in Redis. Nothing waits for a Redis that is away: commands fail at once while there is no connection, and
 * after half a second while there is one that does not answer.
 */
export class RedisSessionCache implements SessionCache {
  readonly kind = 'Redis'
  readonly #redis: Redis

  constructor(url: string, onProblem: (error: Error) => void = () => {}) {
    this.#redis = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: 500,
      connectTimeout: 2_000,
      retryStrategy: (attempt) => Math.min(2_000, attempt * 100),
    })
    this.#redis.on('error', onProblem)
  }

  /** Resolves when there is a connection. Rejects when the first try fails; more are made in the background. */
  async connect(): Promise<void> {
    await this.#redis.connect()
  }

  async get(key: string): Promise<unknown> {
    const text = await this.#redis.get(key)
    return text === null ? undefined : (JSON.parse(text) as unknown)
  }

  async set(key: string, value: unknown, ttlSeconds: number): Promise<void> {
    await this.#redis.set(key, JSON.stringify(value), 'PX', Math.max(1, Math.round(ttlSeconds * 1000)))
  }

  async ping(): Promise<void> {
    await this.#redis.ping()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect()
  }
}
