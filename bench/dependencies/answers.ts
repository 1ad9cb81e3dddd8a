import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'

import { postgres, redis, startFixtures } from '../../packages/fixtures/src/index.ts'
import type { Row } from '../row.ts'
import { withProcess, type BenchProcess } from '../tap/process.ts'
import type { ClientWork } from './client.ts'
import { hookRows } from './hook.ts'
import { IDS } from './ids.ts'
import { ask, cpuOf, here, ROUNDS, SECONDS } from './measure.ts'

type Urls = Record<ClientWork['protocol'], string>

/** Dependencies answered from mocks beside the real ones, and recorded by relays beside reached directly. */
export async function run(): Promise<Row[]> {
  const [load = 0] = loadavg()
  if (load > 1) console.error(`The machine is busy (load ${load.toFixed(1)}): do not trust these figures.`)
  const folder = await mkdtemp(join(tmpdir(), 'keploy-bench-calls-'))
  const fixtures = startFixtures({ db: postgres({ providers: ['local'] }), cache: redis({ providers: ['local'] }) })
  try {
    const [db, cache] = await Promise.all([fixtures.acquire('db'), fixtures.acquire('cache')])
    return await withProcess(here('http-origin.ts'), {}, async (origin) => {
      const { port } = await origin.ask<{ port: number }>()
      const real: Urls = { postgres: db.url, redis: cache.url, http: `http://127.0.0.1:${port}` }
      await prepare(real)
      return await measure(real, folder)
    })
  } finally {
    await fixtures.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(real: Urls, folder: string): Promise<Row[]> {
  const rows: Row[] = []
  const targets = Object.fromEntries(Object.entries(real).map(([name, url]) => [name, portOf(url)]))
  const relay = (mode: string, use: (urls: Urls, worker: BenchProcess) => Promise<void>): Promise<void> =>
    withProcess(here('relay-worker.ts'), { args: [mode, folder, JSON.stringify(targets)] }, async (worker) => {
      const { ports } = await worker.ask<{ ports: Record<string, number> }>()
      await use(
        Object.fromEntries(Object.entries(real).map(([name, url]) => [name, withPort(url, ports[name] ?? 0)])) as Urls,
        worker,
      )
    })
  await relay('record', async (urls, worker) => {
    for (const protocol of ['postgres', 'redis', 'http'] as const) {
      await ask({ protocol, url: urls[protocol], connections: 1, seconds: 0, once: true })
    }
    await worker.ask({ finish: true })
  })
  await answerAgain(join(folder, 'set'))
  await relay('mocks', async (urls, worker) => {
    for (const protocol of ['postgres', 'redis'] as const) {
      for (const connections of [1, 32])
        rows.push(await beside('mocks', protocol, { urls, worker, real }, { connections }))
    }
    rows.push(await beside('mocks', 'redis', { urls, worker, real }, { connections: 1, pipeline: true }))
    rows.push(await beside('mocks', 'http', { urls, worker, real }, { connections: 64 }))
  })
  for (const way of ['record', 'pipe'] as const) {
    await relay(way, async (urls, worker) => {
      for (const protocol of ['postgres', 'redis', 'http'] as const) {
        rows.push(await beside(way, protocol, { urls, worker, real }, { connections: 32 }))
      }
    })
  }
  return [...rows, ...(await hookRows(real, folder))]
}

type Way = 'mocks' | 'record' | 'pipe'

const WHAT: Record<Way, string> = {
  mocks: 'answered from mocks',
  record: 'relay while recording, with journal and redaction',
  pipe: 'two sockets of Node piped into each other, for comparison: no relay in Node costs less',
}

/** What ours has to reach of the real server, where something is asked. */
function barOf(way: Way, protocol: ClientWork['protocol'], pipeline: boolean): number | undefined {
  if (way === 'pipe' || pipeline) return undefined
  if (way === 'record') return 0.5
  return protocol === 'http' ? 0.7 : 1
}

interface Sides {
  readonly urls: Urls
  readonly worker: BenchProcess
  readonly real: Urls
}

async function beside(
  way: Way,
  protocol: ClientWork['protocol'],
  { urls, worker, real }: Sides,
  how: { readonly connections: number; readonly pipeline?: boolean },
): Promise<Row> {
  let best = { ours: 0, real: 0, cost: Number.POSITIVE_INFINITY }
  for (let round = 0; round < ROUNDS; round++) {
    const work = { protocol, seconds: SECONDS, ...how }
    const before = await cpuOf(worker)
    const ours = await ask({ ...work, url: urls[protocol] })
    const cost = ((await cpuOf(worker)) - before) / ours.calls
    const direct = await ask({ ...work, url: real[protocol] })
    best = {
      ours: Math.max(best.ours, ours.perSecond),
      real: Math.max(best.real, direct.perSecond),
      cost: Math.min(best.cost, cost),
    }
  }
  const bar = barOf(way, protocol, how.pipeline === true)
  const ratio = best.ours / best.real
  const peer = way !== 'mocks' ? 'direct' : protocol === 'http' ? 'bare http and a Map' : 'the real server'
  const connections = how.connections === 1 ? '1 connection' : `${how.connections} connections`
  return {
    area: 'dependencies',
    what: `${protocol}: ${WHAT[way]}, ${connections}, ${how.pipeline ? 'pipelines of 100' : 'one request at a time'}`,
    // Other work on the machine takes from the rate, and hardly from this.
    ours: `${Math.round(best.ours).toLocaleString('en')} calls/s, ${best.cost.toFixed(0)} µs of the processor a call`,
    peer: `${peer}: ${Math.round(best.real).toLocaleString('en')} calls/s`,
    ratio,
    ...(bar !== undefined && { bar: `>= ${bar}`, met: ratio >= bar }),
  }
}

async function prepare(real: Urls): Promise<void> {
  await withProcess(here('prepare.ts'), { args: [real.postgres, real.redis, String(IDS)] }, (worker) => worker.ask())
}

/** Calls of the recording may be asked for any number of times. */
async function answerAgain(set: string): Promise<void> {
  for (const name of ['mocks.yaml', 'calls.yaml']) {
    const file = join(set, name)
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text !== '') await writeFile(file, text.replaceAll('type: mocks', 'type: config'))
  }
}

function portOf(url: string): number {
  return Number(new URL(url).port)
}

function withPort(url: string, port: number): string {
  const changed = new URL(url)
  changed.hostname = '127.0.0.1'
  changed.port = String(port)
  return changed.href
}

if (process.argv[1] === here('answers.ts')) {
  for (const row of await run())
    console.log(row.what, '|', row.ours, '|', row.peer, '|', row.ratio?.toFixed(2), row.bar)
}
