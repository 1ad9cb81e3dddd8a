import type { Row } from '../row.ts'
import { withProcess } from '../tap/process.ts'
import { ask, cpuOf, here, ROUNDS, SECONDS } from './measure.ts'

/** Seconds in which the service gets as fast as it is going to be. */
const WARM_UP = 1

/** What the hook of Node adds to a call of the service that it is in. */
export function hookRows(real: Readonly<Record<'postgres' | 'redis', string>>, folder: string): Promise<Row[]> {
  return withProcess(here('relay-worker.ts'), { args: ['hook', folder] }, async (worker) => {
    const { env } = await worker.ask<{ env: Readonly<Record<string, string>> }>()
    const rows: Row[] = []
    for (const [protocol, driver] of [
      ['redis', 'ioredis'],
      ['postgres', 'pg'],
    ] as const) {
      const least = { bare: NONE, hooked: NONE, ours: Number.POSITIVE_INFINITY }
      // Rounds alternate, so that what else the machine does falls on both.
      for (let round = 0; round < ROUNDS; round++) {
        const work = { protocol, url: real[protocol], connections: 1, seconds: SECONDS, warmUp: WARM_UP }
        least.bare = lesser(least.bare, costOf(await ask(work)))
        const before = await cpuOf(worker)
        const hooked = await ask(work, env)
        least.hooked = lesser(least.hooked, costOf(hooked))
        // The recorder also read what came while the service warmed up.
        const all = (hooked.calls * (SECONDS + WARM_UP)) / SECONDS
        least.ours = Math.min(least.ours, ((await cpuOf(worker)) - before) / all)
      }
      const { bare, hooked, ours } = least
      const added = hooked.time - bare.time
      rows.push({
        area: 'dependencies',
        what: `${protocol} with ${driver}: added to a call by the hook of Node while recording, 1 connection, one request at a time`,
        ours: `${added.toFixed(1)} µs; of the processor in the service ${(hooked.cpu - bare.cpu).toFixed(1)} µs, in the recorder ${ours.toFixed(1)} µs`,
        peer: `without the hook a call takes ${bare.time.toFixed(1)} µs, of the processor ${bare.cpu.toFixed(1)} µs`,
        bar: '<= 10 µs',
        met: added <= 10,
      })
    }
    await worker.ask({ finish: true })
    return rows
  })
}

/** Microseconds for each call. */
interface Cost {
  readonly time: number
  readonly cpu: number
}

const NONE: Cost = { time: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY }

function costOf(result: { readonly perSecond: number; readonly calls: number; readonly cpu: number }): Cost {
  return { time: 1e6 / result.perSecond, cpu: result.cpu / result.calls }
}

function lesser(one: Cost, other: Cost): Cost {
  return { time: Math.min(one.time, other.time), cpu: Math.min(one.cpu, other.cpu) }
}
