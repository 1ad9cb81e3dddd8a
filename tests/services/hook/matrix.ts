import { execFileSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

import { startHook } from '@keploy-framework/intercept'

import { type DependencyName, startDependencies } from './dependencies.ts'
import { runDriver, type DriverRun } from './run-driver.ts'
import { type RecordedConnection, recordAll, replayAll } from './script.ts'

/** Drivers, with the variable that must be there for each. Where `plain` is set, Node's own count of bytes is compared; `from` is the oldest Node that the driver runs on. */
export const DRIVERS: readonly { file: string; needs: string; plain?: boolean; from?: number }[] = [
  { file: 'pg.mjs', needs: 'PG_URL', plain: true },
  { file: 'pg-tls.mjs', needs: 'PG_TLS_URL' },
  { file: 'pg-pool.cjs', needs: 'PG_URL', plain: true },
  { file: 'postgres-js.mjs', needs: 'PG_URL', plain: true },
  { file: 'ioredis.cjs', needs: 'REDIS_URL', plain: true },
  { file: 'redis.mjs', needs: 'REDIS_URL', plain: true },
  { file: 'fetch.mjs', needs: 'HTTP_URL', plain: true },
  { file: 'undici.mjs', needs: 'HTTP_URL', plain: true, from: 22 },
  { file: 'undici-h2.mjs', needs: 'H2_TLS_URL', from: 22 },
  { file: 'http.cjs', needs: 'HTTP_URL', plain: true },
  { file: 'https.mjs', needs: 'HTTPS_URL' },
  { file: 'http2.mjs', needs: 'H2_URL' },
  { file: 'http2-tls.mjs', needs: 'H2_TLS_URL' },
  { file: 'grpc.cjs', needs: 'GRPC_TARGET' },
  { file: 'grpc-tls.cjs', needs: 'GRPC_TLS_TARGET' },
  { file: 'mysql2.mjs', needs: 'MYSQL_URL', plain: true },
  { file: 'mysql2-tls.mjs', needs: 'MYSQL_TLS_URL' },
  { file: 'mongodb.mjs', needs: 'MONGODB_URL' },
  { file: 'kafkajs.cjs', needs: 'KAFKA_BROKER', plain: true },
  { file: 'amqplib.cjs', needs: 'AMQP_URL', plain: true },
  { file: 'refused.mjs', needs: 'HTTP_URL' },
  { file: 'onread.mjs', needs: 'HTTP_URL', plain: true },
]

/** How one driver did. */
export interface MatrixRow {
  readonly node: string
  readonly driver: string
  readonly record: string
  readonly bytes: string
  readonly replay: string
}

const sum = (connections: readonly RecordedConnection[], from: string): number =>
  connections
    .flatMap((entry) => entry.events)
    .reduce((total, event) => total + (event.from === from && event.bytes !== 'end' ? event.bytes.length : 0), 0)
const told = (run: DriverRun): string => `${run.code} ${run.output.slice(0, 150)} ${run.errors.slice(0, 600)}`

/** What is to be started for a variable; the servers of HTTP and gRPC always are. */
const providers: Readonly<Record<string, DependencyName>> = {
  PG_URL: 'db',
  PG_TLS_URL: 'db',
  REDIS_URL: 'cache',
  MYSQL_URL: 'shop',
  MYSQL_TLS_URL: 'shop',
  MONGODB_URL: 'documents',
  AMQP_URL: 'broker',
  KAFKA_BROKER: 'log',
}

/** How many drivers are replayed at a time. */
const AT_ONCE = 4

const majorOf = (node: string): number =>
  Number(execFileSync(node, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' }))

/** Runs each driver on each Node bare, recorded, and answered after all servers have stopped. */
export async function runMatrix(
  nodes: readonly string[],
  only?: readonly string[],
): Promise<{ rows: MatrixRow[]; skipped: string[] }> {
  const known = DRIVERS.filter(({ file }) => only === undefined || only.includes(file))
  const dependencies = await startDependencies(known.flatMap(({ needs }) => providers[needs] ?? []))
  const { env } = dependencies
  const ready = known.filter(({ needs }) => env[needs] !== undefined)
  const work = nodes.flatMap((node) =>
    ready
      .filter(({ from = 0 }) => from <= majorOf(node))
      .map((driver) => ({
        ...driver,
        node,
        // A version that is tried here is one that is not covered yet.
        major: majorOf(node),
        recorded: [] as RecordedConnection[],
        output: '',
        record: '',
        bytes: '',
        replay: '',
      })),
  )
  try {
    const record = async (entry: (typeof work)[number]): Promise<void> => {
      const file = `drivers/${entry.file}`
      const bare = await runDriver(entry.node, file, env)
      const hook = await startHook({ handler: recordAll(entry.recorded), nodeOptions: '', nodes: [entry.major] })
      const hooked = await runDriver(entry.node, file, env, hook.env)
      await hook.close()
      entry.output = bare.output
      entry.record =
        bare.code === 0 && bare.output !== '' && hooked.code === 0 && hooked.output === bare.output
          ? 'same'
          : `bare ${told(bare)} hooked ${told(hooked)}`
      const seen = { written: sum(entry.recorded, 'client'), read: sum(entry.recorded, 'server') }
      const { counted } = hooked
      if (entry.plain !== true)
        entry.bytes = (seen.written > 0 && seen.read > 0) || entry.file === 'refused.mjs' ? 'seen' : 'nothing seen'
      else if (counted !== undefined && counted.written === seen.written && counted.read === seen.read)
        entry.bytes = 'equal'
      else entry.bytes = `counted ${JSON.stringify(counted)} seen ${JSON.stringify(seen)}`
    }
    // Drivers of one server use the same names there.
    const groups = Map.groupBy(work, ({ needs }) => providers[needs] ?? needs)
    await Promise.all(
      [...groups.values()].map(async (group) => {
        for (const entry of group) await record(entry)
      }),
    )
  } finally {
    await dependencies.close()
  }
  const replay = async (entry: (typeof work)[number]): Promise<void> => {
    const hook = await startHook({ handler: replayAll(entry.recorded), nodeOptions: '', nodes: [entry.major] })
    const run = await runDriver(entry.node, `drivers/${entry.file}`, env, hook.env)
    await hook.close()
    entry.replay = run.code === 0 && run.output === entry.output ? 'same' : told(run)
  }
  const left = work.slice()
  const replayLeft = async (): Promise<void> => {
    for (let entry = left.shift(); entry !== undefined; entry = left.shift()) await replay(entry)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, replayLeft))
  return {
    rows: work.map(({ node, file, record, bytes, replay }) => ({ node, driver: file, record, bytes, replay })),
    skipped: known
      .filter((driver) => !ready.includes(driver))
      .map(({ file, needs }) => `${file}: ${needs} is not there`),
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({ options: { node: { type: 'string', multiple: true }, only: { type: 'string' } } })
  const started = Date.now()
  const { rows, skipped } = await runMatrix(values.node ?? [process.execPath], values.only?.split(','))
  for (const row of rows)
    console.log(row.node, row.driver, row.record.split(' ')[0], row.bytes, row.replay.split(' ')[0])
  for (const line of skipped) console.log(`skipped ${line}`)
  const bad = rows.filter(
    ({ record, bytes, replay }) => record !== 'same' || replay !== 'same' || !['equal', 'seen'].includes(bytes),
  )
  console.log(`${rows.length - bad.length} of ${rows.length} drivers in ${Math.round((Date.now() - started) / 1000)} s`)
  if (bad.length > 0) {
    console.log(bad)
    process.exitCode = 1
  }
}
