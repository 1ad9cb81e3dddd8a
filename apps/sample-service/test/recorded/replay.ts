// Replays the recorded suite: `npm run platform:replay`, with nothing else running; `-- --real` with real services, all of
// them fresh for each set. Names of sets choose some.
import { parseArgs } from 'node:util'

import { startDependencies } from './dependencies.ts'
import { drives } from './drive.ts'
import { runCli } from './run-cli.ts'

const { values, positionals } = parseArgs({ options: { real: { type: 'boolean' } }, allowPositionals: true })
const names = positionals.length > 0 ? positionals : Object.keys(drives)
process.exitCode = values.real === true ? await replayReal() : await replayMocked()

async function replayMocked(): Promise<number> {
  return (await runCli(['test', '--hook', '--test-sets', names.join(',')])) ?? 1
}

async function replayReal(): Promise<number> {
  let worst = 0
  for (const name of names) {
    const dependencies = await startDependencies()
    try {
      const code = await runCli(['test', '--mocks', 'off', '--test-sets', name], dependencies.env)
      worst = Math.max(worst, code ?? 1)
    } finally {
      await dependencies.close()
    }
  }
  return worst
}
