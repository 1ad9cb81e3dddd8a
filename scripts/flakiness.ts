import { spawn } from 'node:child_process'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { flakinessFigures, flakinessText } from './quality/flakiness-table.ts'
import type { RepeatedRun } from './quality/flakiness-table.ts'
import { root } from './repository.ts'

/** Tests in percent that may pass and fail with the same sources: fewer than this. */
const BAR = 1
const OUTPUT = 'reports/flakiness'

// npm run flakiness -- --repeat 5 -- --category unit: what stands behind the second -- goes to `keploy-framework run`.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { repeat: { type: 'string', default: '20' } },
})
if (!(Number(values.repeat) >= 2)) {
  console.error(`--repeat takes a whole number from 2 on, not ${values.repeat}.`)
  process.exit(2)
}
const command = [join(root, 'apps/cli/bin/keploy-framework.js'), 'run', '--repeat', values.repeat]
command.push('--reporter', 'pretty,json', '--output', OUTPUT, ...positionals)
const child = spawn(process.execPath, command, { cwd: root, stdio: 'inherit' })
const code = await new Promise<number>((resolve) => {
  child.once('error', () => resolve(3))
  child.once('close', (ended) => resolve(ended ?? 3))
})
// 1 is a test that failed, which the figures below are about; anything else measured nothing.
if (code > 1) process.exit(code)
const report = JSON.parse(await readFile(join(root, OUTPUT, 'report.json'), 'utf8')) as RepeatedRun
const figures = flakinessFigures(report)
const text = flakinessText(figures, BAR)
console.log(text)
const summary = process.env['GITHUB_STEP_SUMMARY']
if (summary) await appendFile(summary, `## Flakiness, ${values.repeat} runs\n\n${text}\n`)
if (figures.measured === 0 || figures.percent >= BAR || figures.failed.length > 0) process.exitCode = 1
