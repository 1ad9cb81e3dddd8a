import { Redis } from 'ioredis'

import { redisOptions } from './redis-options.ts'
import type { SessionCache } from './session-cache.ts'

/** A cache in Redis. Nothing waits for a Redis that is away. */
export class RedisSessionCache implements SessionCache {
  readonly kind = 'Redis'
  readonly #redis: Redis

  constructor(url: string, onProblem: (error: Error) => void = () => {}) {
    // The events of one commit are cached at once: with one write to the socket, and not with one for each.
    this.#redis = new Redis(url, { ...redisOptions, enableAutoPipelining: true })
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
