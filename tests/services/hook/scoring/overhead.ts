import { startHook } from '@keploy-framework/intercept'

import { startDependencies } from '../dependencies.ts'
import { runDriver } from '../run-driver.ts'

type Result = Record<'pg' | 'redis', number>

// Rounds alternate, so that what else the machine does falls on both.
const rounds = 6
const dependencies = await startDependencies(['db', 'cache'])
const observed = { push() {}, end() {}, abort() {} }
const hook = await startHook({ nodeOptions: '', handler: { mode: 'record', observe: () => observed } })
const bare: Result[] = []
const hooked: Result[] = []
for (let round = 0; round < rounds; round++) {
  for (const [results, env] of [
    [bare, {}],
    [hooked, hook.env],
  ] as const) {
    const { output, errors } = await runDriver(process.execPath, 'scoring/overhead-work.cjs', dependencies.env, env)
    if (output === '') throw new Error(errors)
    results.push(JSON.parse(output) as Result)
  }
}
for (const name of ['pg', 'redis'] as const) {
  const best = (results: readonly Result[]): number => Math.min(...results.map((result) => result[name]))
  console.log(
    `${name}: ${best(bare).toFixed(1)} µs bare, ${best(hooked).toFixed(1)} µs hooked, ${(best(hooked) - best(bare)).toFixed(1)} µs added`,
  )
}
await hook.close()
await dependencies.close()
