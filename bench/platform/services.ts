import { startFixtures } from '../../packages/fixtures/src/leases/start-fixtures.ts'
import { kafka } from '../../packages/fixtures/src/services/kafka/kafka.ts'
import { postgres } from '../../packages/fixtures/src/services/postgres/postgres.ts'
import { redis } from '../../packages/fixtures/src/services/redis/redis.ts'

/** Real Postgres, Redis and Kafka on this machine, and how the platform is told of them. */
export async function startServices() {
  const fixtures = startFixtures({
    kafka: kafka({ providers: ['local', 'jvm'] }),
    redis: redis({ providers: ['local'] }),
    postgres: postgres({ providers: ['local', 'embedded'] }),
  })
  const lease = async () => {
    const [broker, cache, db] = await Promise.all([
      fixtures.acquire('kafka'),
      fixtures.acquire('redis'),
      fixtures.acquire('postgres'),
    ])
    const env = {
      POSTGRES_DSN: db.url,
      REDIS_URL: cache.url,
      KAFKA_BOOTSTRAP_SERVERS: broker.url,
      KAFKA_TOPIC_PREFIX: broker.prefix,
    }
    return {
      env,
      /** Which of the ids are not in the table of events. */
      async missingInPostgres(ids: readonly string[]) {
        const rows = await db.sql<{ event_id: string }>`select event_id from session_events`
        return without(
          ids,
          rows.map(({ event_id }) => event_id),
        )
      },
      /** Which of the ids were not published. Those that are waiting in the outbox are waited for. */
      async missingInKafka(ids: readonly string[], timeoutMs = 60_000) {
        const limit = performance.now() + timeoutMs
        for (;;) {
          const messages = await broker.topic('conversation.inbound').messages()
          const found = messages.map(({ value }) => (value as { event_id: string }).event_id)
          const missing = without(ids, found)
          if (missing === 0 || performance.now() > limit) return missing
          await new Promise((resolve) => setTimeout(resolve, 500))
        }
      },
      async [Symbol.asyncDispose]() {
        await Promise.all([broker, cache, db].map((each) => each[Symbol.asyncDispose]()))
      },
    }
  }
  return { lease, [Symbol.asyncDispose]: () => fixtures.close() }
}

export type Services = Awaited<ReturnType<typeof startServices>>

function without(ids: readonly string[], found: readonly string[]): number {
  const known = new Set(found)
  return ids.filter((id) => !known.has(id)).length
}
