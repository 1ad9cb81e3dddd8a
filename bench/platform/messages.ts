import type { Row } from '../row.ts'
import { withProcess } from '../tap/process.ts'
import type { HttpLoad, HttpLoadResult } from './http-load.ts'
import { startPlatformProcess } from './platform-process.ts'
import type { Services } from './services.ts'
import { SECRET, tokensOf } from './users.ts'

const USERS = 500
const SESSIONS_PER_USER = 4
const CONNECTIONS = 64
const SECONDS = Number(process.env['KEPLOY_BENCH_SECONDS'] ?? 20)
const WARM_UP_SECONDS = 3
/** What is asked of the gateway, in requests per second. */
const RATE = 1_000

/** One load of a service that listens there. */
export async function loadOf(port: number, seconds: number, rate?: number): Promise<HttpLoadResult> {
  const load: HttpLoad = {
    port,
    path: '/v1/session/message',
    tokens: await tokensOf(USERS),
    sessionsPerUser: SESSIONS_PER_USER,
    connections: CONNECTIONS,
    seconds,
    ...(rate !== undefined && { rate }),
  }
  return withProcess(new URL('http-load.ts', import.meta.url).href, {}, (process) => process.ask(load))
}

/** The gateway with real parts: as fast as it can, then at the rate that is asked of it; every event is looked for afterwards. */
export async function gatewayRows(services: Services): Promise<Row[]> {
  const lease = await services.lease()
  try {
    const peer = await peerRate(lease.env.POSTGRES_DSN)
    const rows: Row[] = []
    for (const [name, roles] of Object.entries(ROLES)) {
      const platform = await startPlatformProcess({ args: roles, env: { ...lease.env, AUTH_SECRET: SECRET } })
      try {
        const warmUp = await loadOf(platform.port, WARM_UP_SECONDS)
        const before = await platform.processorMs()
        const fastest = await loadOf(platform.port, SECONDS)
        const busyMs = (await platform.processorMs()) - before
        const steady = await loadOf(platform.port, SECONDS, RATE)
        const results = [warmUp, fastest, steady]
        const accepted = results.flatMap((result) => result.accepted)
        const [postgres, kafka] = [await lease.missingInPostgres(accepted), await lease.missingInKafka(accepted)]
        const lost = `${accepted.length.toLocaleString('en')} accepted; missing: ${postgres} in Postgres, ${kafka} in Kafka`
        const whole = postgres === 0 && kafka === 0 && results.every(allAccepted)
        const rate = fastest.accepted.length / fastest.seconds
        const beside = `Fastify and one insert by pg: ${shown(peer)}`
        const bar = name === 'gateway'
        rows.push(
          row(
            `POST /v1/session/message, real Postgres, Redis and Kafka, ${name}; ${lost}`,
            `${shown(rate)}, ${(busyMs / fastest.sent).toFixed(2)} ms of a processor each`,
            beside,
            {
              ratio: rate / peer,
              ...(bar && { bar: '>= 1,000 req/s, none lost', met: whole && rate >= 1_000 }),
            },
          ),
          row(`the same, ${RATE.toLocaleString('en')} req/s for ${SECONDS} s: p50, p99, longest`, latency(steady), '', {
            ...(bar && { bar: 'p99 < 100 ms', met: whole && steady.p99 < 100 }),
          }),
        )
      } finally {
        await platform[Symbol.asyncDispose]()
      }
    }
    return rows
  } finally {
    await lease[Symbol.asyncDispose]()
  }
}

const ROLES = { gateway: ['--role', 'gateway'], 'all roles in one process': [] } as const

/** The platform as it starts in a clone. */
export async function embeddedRows(): Promise<Row[]> {
  const platform = await startPlatformProcess({ env: { AUTH_SECRET: SECRET } })
  try {
    await loadOf(platform.port, WARM_UP_SECONDS)
    const fastest = await loadOf(platform.port, SECONDS)
    const rate = fastest.accepted.length / fastest.seconds
    return [
      row('POST /v1/session/message, embedded, all roles', `${shown(rate)}, p99 ${fastest.p99.toFixed(0)} ms`, '', {
        bar: '>= 500 req/s',
        met: allAccepted(fastest) && rate >= 500,
      }),
    ]
  } finally {
    await platform[Symbol.asyncDispose]()
  }
}

async function peerRate(dsn: string): Promise<number> {
  const file = new URL('peers/insert-route.ts', import.meta.url).href
  return withProcess(file, { env: { POSTGRES_DSN: dsn } }, async (process) => {
    const { port } = await process.ask<{ port: number }>()
    await loadOf(port, WARM_UP_SECONDS)
    const { accepted, seconds } = await loadOf(port, SECONDS / 2)
    return accepted.length / seconds
  })
}

function row(what: string, ours: string, peer: string, rest: Partial<Row>): Row {
  return { area: 'platform', what, ours, peer, ...rest }
}

const allAccepted = ({ sent, accepted }: HttpLoadResult): boolean => sent === accepted.length
const shown = (rate: number): string => `${Math.round(rate).toLocaleString('en')} req/s`
const latency = ({ p50, p99, max }: HttpLoadResult): string =>
  [p50, p99, max].map((value) => `${value.toFixed(1)} ms`).join(', ')
