import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Row } from '../row.ts'
import { message, start, stop } from './process.ts'
import { writeSets } from './write-sets.ts'

/** Tests of one set, and how many such sets a run has: long enough that both sides have warmed up for most of it. */
const TESTS = 8_000
const ORDERED_SETS = 3
const INDEPENDENT_SETS = 10
const FILES = 10_000
const LANES = 64
const ROUNDS = 3

interface Replayed {
  /** From the first verdict of each set to its last. */
  readonly ms: number
  /** The tests in that time. */
  readonly counted: number
  /** From the start of the process to the last verdict. */
  readonly wholeMs: number
  readonly passed: number
  readonly total: number
  readonly peakMb: number
}

/** Replay beside a bare client, a load generator, and a cold start on ten thousand files. Every side is a process. */
export async function run(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'keploy-bench-'))
  const service = start('service.ts')
  try {
    const { port } = await message<{ port: number }>(service)
    const url = `http://127.0.0.1:${port}`
    return [
      await ordered(url, join(folder, 'ordered')),
      ...(await independent(url, join(folder, 'independent'))),
      ...(await cold(join(folder, 'cold'))),
    ]
  } finally {
    await stop(service)
    await rm(folder, { recursive: true, force: true })
  }
}

async function ordered(url: string, folder: string): Promise<Row> {
  await writeSets(folder, TESTS, ORDERED_SETS)
  const ours: number[] = []
  const bare: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const count = TESTS * ORDERED_SETS
    bare.push((await worker<{ ms: number }>('undici-worker.ts', [url, String(count)])).ms / count)
    const ran = await replay(url, folder, 1)
    ours.push(ran.ms / ran.counted)
  }
  const ratio = Math.min(...ours) / Math.min(...bare)
  return {
    area: 'replay',
    what: `${ORDERED_SETS} sets of ${TESTS} ordered tests (twenty items in each answer), full comparison; reading and planning of each set left out; best of ${ROUNDS}`,
    ours: `${(Math.min(...ours) * 1_000).toFixed(0)} µs a test`,
    peer: `bare undici loop: ${(Math.min(...bare) * 1_000).toFixed(0)} µs a request`,
    ratio,
    bar: '<= 1.3',
    met: ratio <= 1.3,
  }
}

async function independent(url: string, folder: string): Promise<Row[]> {
  await writeSets(folder, TESTS, INDEPENDENT_SETS)
  const ours: number[] = []
  const whole: number[] = []
  const cannon: number[] = []
  const wrk: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    cannon.push(await autocannon(url))
    const ran = await replay(url, folder, LANES)
    ours.push((ran.counted / ran.ms) * 1_000)
    whole.push((ran.total / ran.wholeMs) * 1_000)
    const rate = measureWrk(url)
    if (rate !== undefined) wrk.push(rate)
  }
  const rate = Math.max(...ours)
  const peer = Math.max(...cannon)
  const rows: Row[] = [
    {
      area: 'replay',
      what: `${INDEPENDENT_SETS} sets of ${TESTS} independent tests (twenty items in each answer), ${LANES} lanes, full comparison; reading and planning of each set left out; best of ${ROUNDS}`,
      ours: `${rate.toFixed(0)} tests/s`,
      peer: `autocannon: ${peer.toFixed(0)} req/s`,
      ratio: rate / peer,
      bar: '>= 0.7',
      met: rate / peer >= 0.7,
    },
    {
      area: 'replay',
      what: 'the same, from the start of the process to the last verdict: everything included',
      ours: `${Math.max(...whole).toFixed(0)} tests/s`,
      peer: `autocannon: ${peer.toFixed(0)} req/s`,
      ratio: Math.max(...whole) / peer,
    },
  ]
  if (wrk.length > 0) {
    rows.push({
      area: 'replay',
      what: 'the same, reading and planning left out, beside wrk',
      ours: `${rate.toFixed(0)} tests/s`,
      peer: `wrk: ${Math.max(...wrk).toFixed(0)} req/s`,
      ratio: rate / Math.max(...wrk),
    })
  }
  return rows
}

async function cold(folder: string): Promise<Row[]> {
  await writeSets(folder, FILES)
  const toFirst: number[] = []
  const memory: number[] = []
  const whole: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const service = start('service.ts')
    const { port } = await message<{ port: number }>(service)
    const began = Date.now()
    const ran = await replay(`http://127.0.0.1:${port}`, folder, 1, FILES)
    memory.push(ran.peakMb)
    whole.push(ran.wholeMs)
    const answer = message<{ first: number }>(service)
    service.send('first?')
    toFirst.push((await answer).first - began)
    await stop(service)
  }
  return [
    {
      area: 'replay',
      what: `${FILES} test files, cold: process start to first request`,
      ours: `${median(toFirst).toFixed(0)} ms`,
      peer: '',
      bar: '<= 1000 ms',
      met: median(toFirst) <= 1_000,
    },
    {
      area: 'replay',
      what: `${FILES} test files, whole run: peak memory`,
      ours: `${median(memory).toFixed(0)} MB`,
      peer: '',
      bar: '< 300 MB',
      met: median(memory) < 300,
    },
    {
      area: 'replay',
      what: `${FILES} test files, one after the other: process start to last verdict, everything included`,
      ours: `${median(whole).toFixed(0)} ms`,
      peer: '',
    },
  ]
}

async function replay(url: string, folder: string, lanes: number, expected?: number): Promise<Replayed> {
  const ran = await worker<Replayed>('replay-worker.ts', [url, join(folder, 'keploy'), String(lanes)])
  // A fast run that compares nothing, or fails, would be no figure at all.
  if (ran.passed !== ran.total || ran.total !== (expected ?? ran.total)) {
    throw new Error(`Only ${ran.passed} of ${ran.total} tests of the benchmark passed.`)
  }
  return ran
}

async function worker<T>(file: string, args: readonly string[]): Promise<T> {
  const child = start(file, args)
  const ended = once(child, 'exit')
  const value = await message<T>(child)
  await ended
  return value
}

async function autocannon(url: string): Promise<number> {
  const program = createRequire(import.meta.url).resolve('autocannon')
  const args = [program, '--json', '--no-progress', '-c', String(LANES), '-d', '4', `${url}/api/v1/items/7`]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  await once(child, 'close')
  return (JSON.parse(text) as { requests: { average: number } }).requests.average
}

function measureWrk(url: string): number | undefined {
  const ran = spawnSync('wrk', ['-t1', `-c${LANES}`, '-d4s', `${url}/api/v1/items/7`], { encoding: 'utf8' })
  const rate = /Requests\/sec:\s*([\d.]+)/.exec(ran.stdout ?? '')?.[1]
  return rate === undefined ? undefined : Number(rate)
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(await run(), undefined, 2))
