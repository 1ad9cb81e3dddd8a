import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'

import { startHook } from '@keploy-framework/intercept'

import { startDependencies } from '../dependencies.ts'
import { runDriver } from '../run-driver.ts'

type Result = Record<'pg' | 'redis', { readonly time: number; readonly cpu: number }>

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '11' }, node: { type: 'string' } } })
const dependencies = await startDependencies(['db', 'cache'])
const observed = { push() {}, end() {}, abort() {} }
const hook = await startHook({ nodeOptions: '', handler: { mode: 'record', observe: () => observed } })
const ways = {
  bare: {},
  'null hook': { NODE_OPTIONS: `--require "${path.join(import.meta.dirname, 'null-hook.cjs')}"` },
  hook: hook.env,
}
const results: Record<string, Result[]> = {}
const cpu: Record<string, number> = {}
// Rounds alternate, so that what else the machine does falls on all.
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, env] of Object.entries(ways)) {
    const before = process.cpuUsage()
    const { output, errors } = await runDriver(
      values.node ?? process.execPath,
      'scoring/overhead-work.cjs',
      { ...dependencies.env, COUNT_BYTES: '0' },
      env,
    )
    if (output === '') throw new Error(errors)
    ;(results[name] ??= []).push(JSON.parse(output) as Result)
    const { user, system } = process.cpuUsage(before)
    cpu[name] = (cpu[name] ?? 0) + user + system
  }
}
const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0
for (const call of ['pg', 'redis'] as const) {
  for (const name of Object.keys(ways)) {
    // Neighbours in time are compared, as the load changes.
    const compared = (what: 'time' | 'cpu'): string => {
      const of = (way: string): number[] => (results[way] ?? []).map((result) => result[call][what])
      const [taken, bare] = [of(name), of('bare')]
      const added = median(taken.map((value, index) => value - (bare[index] ?? 0)))
      const best = Math.min(...taken)
      return `${what} ${median(taken).toFixed(1)} µs (+${added.toFixed(1)}), best ${best.toFixed(1)} (+${(best - Math.min(...bare)).toFixed(1)})`
    }
    console.log(`${call} ${name}: ${compared('time')}; ${compared('cpu')}`)
  }
}
// Each round makes 1500 queries and 3000 pings.
const added = (cpu['hook'] ?? 0) - (cpu['bare'] ?? 0)
console.log(`our process: ${(added / Number(values.rounds) / 4500).toFixed(1)} µs processor time a call`)
console.log(
  `load average ${os
    .loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')} on ${os.cpus().length} cores`,
)
await hook.close()
await dependencies.close()
