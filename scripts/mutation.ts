import { spawn } from 'node:child_process'
import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

import { mutationScores, scoreTable } from './quality/mutation-scores.ts'
import type { MutationReport } from './quality/mutation-scores.ts'
import { root } from './repository.ts'

/** Where a change that no test notices would be a wrong verdict or a broken recording. */
const targets: Readonly<Record<string, string>> = {
  validator: 'packages/validator/src',
  bindings: 'packages/match/src/bindings',
  format: 'packages/format/src',
}
/** Killed mutants in percent that each of them has to have. */
const BAR = 85
const REPORTS = 'reports/mutation'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    // Only what lies in this folder or file; the rest keeps what the last run said.
    path: { type: 'string' },
    concurrency: { type: 'string', default: String(Math.max(1, availableParallelism() - 1)) },
    // Leaves out mutants of what is computed while a module loads: each of them takes all tests.
    'ignore-static': { type: 'boolean', default: false },
  },
})
const unknown = positionals.filter((name) => targets[name] === undefined)
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}. There are: ${Object.keys(targets).join(', ')}.`)
  process.exit(2)
}
const chosen = positionals.length > 0 ? positionals : Object.keys(targets)
await mkdir(`${root}/${REPORTS}`, { recursive: true })

const tables: string[] = []
for (const name of chosen) {
  const code = await mutate(name, values.path ?? `${targets[name]}/`)
  if (code !== 0) process.exitCode = 1
  const text = await readFile(`${root}/${incrementalFile(name)}`, 'utf8').catch(() => undefined)
  if (text === undefined) continue
  const scores = mutationScores(JSON.parse(text) as MutationReport, `${targets[name]}/`)
  tables.push(scoreTable(name, scores))
  if (scores.total.percent < BAR) process.exitCode = 1
}
console.log(`\n${tables.join('\n')}`)
const summary = process.env['GITHUB_STEP_SUMMARY']
if (summary) await appendFile(summary, `## Mutation score (bar: ${BAR} %)\n\n${tables.join('\n')}\n`)

function incrementalFile(name: string): string {
  return `${REPORTS}/${name}.json`
}

/** Runs Stryker; mutants that earlier runs decided, and whose code and tests are the same, are not run again. */
function mutate(name: string, path: string): Promise<number> {
  const files = path.endsWith('.ts') ? path : `${path.replace(/\/$/, '')}/**/*.ts`
  const args = ['run', '--incrementalFile', incrementalFile(name), '--concurrency', values.concurrency]
  args.push('--mutate', `${files},!**/*.test.ts,!**/index.ts`)
  if (values['ignore-static']) args.push('--ignoreStatic')
  const child = spawn('stryker', args, { cwd: root, stdio: 'inherit' })
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(error.message)
      resolve(1)
    })
    child.once('close', (code) => resolve(code ?? 1))
  })
}
