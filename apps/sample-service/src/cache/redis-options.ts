import type { RedisOptions } from 'ioredis'

/**
 * Nothing waits for a Redis that is away: commands fail at once while there is no connection, and after half a second
 * while there is one that does not answer.
 */
export const redisOptions = {
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: 500,
  connectTimeout: 2_000,
  retryStrategy: (attempt: number) => Math.min(2_000, attempt * 100),
} satisfies RedisOptions
