import { setTimeout as pause } from 'node:timers/promises'

import { kafka, postgres, redis, startFixtures } from '@keploy-framework/fixtures'

import { startUpstreamServer } from '../upstream-server.ts'
import { startModelServer } from './model-server.ts'

export interface Dependencies {
  /** Where the platform finds them. */
  env: Record<string, string>
  /** Resolves when the platform has nothing left to do. */
  settled: () => Promise<void>
  close: () => Promise<void>
}

/** Everything that the platform talks to, real and empty: Postgres, Redis, Kafka, a model and an upstream. */
export async function startDependencies(): Promise<Dependencies> {
  const fixtures = startFixtures({ db: postgres(), cache: redis(), broker: kafka() })
  const closing: (() => Promise<unknown>)[] = [() => fixtures.close()]
  const close = async (): Promise<void> => {
    for (const end of closing.reverse()) await end()
  }
  try {
    const [db, cache, broker] = await Promise.all([
      fixtures.acquire('db'),
      fixtures.acquire('cache'),
      fixtures.acquire('broker'),
    ])
    const model = await startModelServer()
    closing.push(() => model.close())
    const upstream = await startUpstreamServer()
    closing.push(() => upstream[Symbol.asyncDispose]())
    return {
      env: {
        POSTGRES_DSN: db.url,
        REDIS_URL: cache.url,
        KAFKA_BOOTSTRAP_SERVERS: broker.url,
        OPENAI_BASE_URL: model.baseUrl,
        UPSTREAM_URL: upstream.baseUrl,
        API_KEY_RING: `r1:${Buffer.alloc(32, 'k').toString('base64')}`,
      },
      close,
      async settled() {
        const deadline = performance.now() + 60_000
        for (;;) {
          const [left] = await db.sql`select
            (select count(*) from outbox where sent_at is null)::int
            + (select count(*) from chains where status in ('waiting', 'running'))::int
            + (select count(*) filter (where event->>'role' = 'user') - count(*) filter (where event->>'role' <> 'user')
               from session_events where kind = 'conversation')::int
            + (select count(*) from session_events where event->>'role' = 'user' and event->>'message' like '%Ignore all%')::int
            - (select count(*) from policy_violations)::int as work`
          if (left?.['work'] === 0) return
          if (performance.now() > deadline) throw new Error('The platform does not come to rest.')
          await pause(20)
        }
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
