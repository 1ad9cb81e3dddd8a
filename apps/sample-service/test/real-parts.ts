import { kafka, postgres, redis, startFixtures } from '@keploy-framework/fixtures'
import { afterAll, beforeAll } from 'vitest'

import { signToken } from '../src/auth/development-tokens.ts'
import type { User } from '../src/auth/user.ts'

const SECRET = 'what all roles of the tests check tokens by'

/** How a platform of these tests checks and seals tokens. */
export const authEnvironment = {
  AUTH_SECRET: SECRET,
  UPSTREAM_SEAL_SECRET: SECRET,
  API_KEY_RING: `test:${Buffer.alloc(32, 'key').toString('base64')}`,
}

export type RealParts = Awaited<ReturnType<ReturnType<typeof useRealParts>>>

/**
 * Real Postgres, Redis and Kafka for a file of tests. Each call of what it returns leases a database, a Redis and topics
 * of their own; all can be broken by their `faults`.
 */
export function useRealParts() {
  const fixtures = startFixtures({ kafka: kafka({ faults: true }), redis: redis(), postgres: postgres() })
  // The start of a broker takes longer than a test on a busy machine.
  beforeAll(async () => {
    await (await fixtures.acquire('kafka')).release()
  }, 180_000)
  afterAll(() => fixtures.close())

  return async () => {
    const [broker, cache, db] = await Promise.all([
      fixtures.acquire('kafka'),
      fixtures.acquire('redis'),
      fixtures.acquire('postgres'),
    ])
    return {
      broker,
      cache,
      db,
      env: {
        POSTGRES_DSN: db.url,
        REDIS_URL: cache.url,
        KAFKA_BOOTSTRAP_SERVERS: broker.url,
        KAFKA_TOPIC_PREFIX: broker.prefix,
        ...authEnvironment,
      },
      async [Symbol.asyncDispose]() {
        await Promise.all([broker, cache, db].map((lease) => lease[Symbol.asyncDispose]()))
      },
    }
  }
}

/** A token that every platform with the environment of `useRealParts` takes. */
export function tokenFor(user: Partial<User> = {}, ttlSeconds = 3600): Promise<string> {
  const whole: User = {
    id: 'zoe',
    tenant: 'clinic',
    role: 'practitioner',
    email: null,
    subscription: null,
    ...user,
  }
  return signToken(whole, new TextEncoder().encode(SECRET), ttlSeconds)
}
