import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { Row } from './row.ts'

const cli = fileURLToPath(new URL('../apps/cli/bin/keploy-framework.js', import.meta.url))
const ROUNDS = 20

/** How much longer `--version` takes than Node itself: medians of rounds that alternate. */
export async function run(): Promise<Row[]> {
  const bare: number[] = []
  const command: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(time(['-e', '0']))
    command.push(time([cli, '--version']))
  }
  const added = median(command) - median(bare)
  return [
    {
      area: 'start',
      what: '`keploy-framework --version`, added to `node -e 0`',
      ours: `${median(command).toFixed(0)} ms`,
      peer: `node -e 0: ${median(bare).toFixed(0)} ms`,
      ratio: added,
      bar: '<= 60 ms added',
      met: added <= 60,
    },
  ]
}

function time(args: string[]): number {
  const started = performance.now()
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' })
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}; run pnpm build first.`)
  return performance.now() - started
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}
