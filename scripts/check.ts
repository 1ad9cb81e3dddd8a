import { parseArgs } from 'node:util'

import { conclude, runSteps, type Step } from './steps.ts'

/** Everything that a change must pass: `pnpm check`, or `pnpm check lint types` for some of it. */
const steps: Step[] = [
  { name: 'format', command: ['oxfmt', '--check', '.'] },
  { name: 'lint', command: ['oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'types', command: ['tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'unit', command: ['vitest', 'run', '--project', 'unit', '--project', 'services', '--coverage'] },
  { name: 'build', command: ['node', 'scripts/build.ts'] },
  { name: 'publint', command: ['node', 'scripts/check-packages.ts', 'publint'] },
  { name: 'attw', command: ['node', 'scripts/check-packages.ts', 'attw'] },
  { name: 'unused', command: ['knip'] },
  { name: 'requirements', command: ['node', 'scripts/requirements/main.ts'] },
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    // Where to write `{ passed, failed }` as JSON.
    summary: { type: 'string' },
  },
})
const unknown = positionals.filter((name) => !steps.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(`There is no check ${unknown.join(', ')}. There are: ${steps.map(({ name }) => name).join(', ')}.`)
  process.exitCode = 2
} else {
  const chosen = steps.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  await conclude(await runSteps(chosen), values.summary)
}
