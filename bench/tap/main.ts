import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

import type { Row } from '../row.ts'
import type { LoadResult } from './load.ts'
import { withProcess } from './process.ts'

const ROUNDS = Number(process.env['KEPLOY_BENCH_ROUNDS'] ?? 3)
const CONNECTIONS = 64
const PEERS = ['recorder', 'tap', 'net-pipe', 'undici-proxy', 'http-proxy', 'fast-proxy', 'mockttp'] as const

const NAMES: Record<string, string> = { tap: 'tap and codec alone', 'http-proxy': 'http-proxy, records nothing' }

type Target = 'direct' | (typeof PEERS)[number]

/**
 * Requests per second of each target in each round; every round measures all of them, so that noise hits all alike.
 * With `pin`, load and service share one core, and what is measured has another for itself.
 */
export async function measure(
  targets: readonly Target[],
  connections: number,
  rounds: number,
  pin: boolean,
): Promise<Map<Target, number[]>> {
  const rates = new Map<Target, number[]>(targets.map((target) => [target, []]))
  await withProcess('peers/origin.ts', pin ? { core: 0 } : {}, async (origin) => {
    const { port } = await origin.ask<{ port: number }>()
    for (let round = 0; round < rounds; round++) {
      for (const target of targets) rates.get(target)?.push(await once(target, port, connections, pin))
    }
  })
  return rates
}

async function once(target: Target, originPort: number, connections: number, pin: boolean): Promise<number> {
  const options = { connections, warmupMs: 1500, durationMs: 2500 }
  return withProcess('load.ts', pin ? { core: 0 } : {}, async (load) => {
    if (target === 'direct') return rate(target, await load.ask<LoadResult>({ ...options, port: originPort }))
    return withProcess(
      `peers/${target}.ts`,
      { ...(pin ? { core: 1 } : {}), args: [String(originPort)] },
      async (peer) => {
        const { port } = await peer.ask<{ port: number }>()
        const result = await load.ask<LoadResult & { total: number }>({ ...options, port })
        if (target === 'recorder' || target === 'tap') {
          const { exchanges } = await peer.ask<{ exchanges: number }>({})
          if (exchanges !== result.total)
            throw new Error(`${result.total} exchanges went by, ${exchanges} were recorded`)
        }
        return rate(target, result)
      },
    )
  })
}

function rate(target: Target, result: LoadResult): number {
  if (result.errors > 0) console.error(`${target}: ${result.errors} errors`)
  return result.requests / result.seconds
}

/** The round that was disturbed least: other work on the machine can only slow a round down. */
function best(rates: Map<Target, number[]>, target: Target): number {
  return Math.max(...(rates.get(target) ?? []))
}

function show(rates: Map<Target, number[]>, target: Target): string {
  return `${Math.round(best(rates, target)).toLocaleString('en')} req/s`
}

/** The bars of the tap: recording with 64 keep-alive connections and small JSON, and what one connection waits longer. */
export async function run(): Promise<Row[]> {
  const [load = 0] = loadavg()
  if (load > 1) console.error(`The machine is busy (load ${load.toFixed(1)}): do not trust the figures of the tap.`)
  const rates = await measure(['direct', ...PEERS], CONNECTIONS, ROUNDS, true)
  const bars: Partial<Record<Target, number>> = { direct: 0.5, 'http-proxy': 2, mockttp: 8 }
  const rows = (['direct', 'tap', 'net-pipe', 'undici-proxy', 'http-proxy', 'fast-proxy', 'mockttp'] as const).map(
    (peer): Row => {
      const ratio = best(rates, 'recorder') / best(rates, peer)
      const bar = bars[peer]
      const row = {
        area: 'tap',
        what: `recording with journal and redaction, ${CONNECTIONS} keep-alive connections, small JSON`,
        ours: show(rates, 'recorder'),
        peer: `${NAMES[peer] ?? peer}: ${show(rates, peer)}`,
        ratio,
      }
      return bar === undefined ? row : { ...row, bar: `>= ${bar}`, met: ratio >= bar }
    },
  )
  // Not pinned: a lone request would measure how long one core takes to wake the other.
  const single = await measure(['direct', 'net-pipe', 'recorder'], 1, ROUNDS, false)
  const micros = (target: Target) => 1e6 / best(single, target)
  const added = micros('recorder') - micros('direct')
  rows.push({
    area: 'tap',
    what: 'recording with journal and redaction, one connection: time added to a request',
    ours: `${added.toFixed(0)} µs`,
    peer: `direct: ${micros('direct').toFixed(0)} µs, net-pipe adds ${(micros('net-pipe') - micros('direct')).toFixed(0)} µs`,
    bar: '<= 100 µs',
    met: added <= 100,
  })
  return rows
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const row of await run()) {
    const ratio = row.ratio === undefined ? '' : ` ratio ${row.ratio.toFixed(2)}`
    const verdict = row.met === undefined ? '' : ` (${row.bar}: ${row.met ? 'met' : 'missed'})`
    console.log(`${row.what}: ${row.ours} beside ${row.peer}${ratio}${verdict}`)
  }
}
