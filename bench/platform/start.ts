import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Row } from '../row.ts'
import { startPlatformProcess } from './platform-process.ts'

const STARTS = 5

/** From the start of the process to its line `platform ready`, nothing set: the first time on a machine, and from then on. */
export async function startRows(): Promise<Row[]> {
  const cache = await mkdtemp(join(tmpdir(), 'keploy-bench-platform-'))
  try {
    const first = await start(cache)
    const times: number[] = []
    for (let count = 0; count < STARTS; count += 1) times.push(await start(cache))
    const median = times.toSorted((a, b) => a - b)[Math.floor(STARTS / 2)]!
    return [row(`median of ${STARTS}`, median), row('the first one on a machine', first)]
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
}

async function start(cache: string): Promise<number> {
  const platform = await startPlatformProcess({ env: { XDG_CACHE_HOME: cache } })
  await platform[Symbol.asyncDispose]()
  return platform.startMs
}

function row(which: string, time: number): Row {
  return {
    area: 'platform',
    what: `start, embedded, until it is ready: ${which}`,
    ours: `${time.toFixed(0)} ms`,
    peer: '',
    bar: '<= 4,000 ms',
    met: time <= 4_000,
  }
}
