import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { readText, root } from '../repository.ts'
import { checkRequirements, summarize } from './check-requirements.ts'

// Says how the requirements are met, and ends with 1 when the table of them is not true.
const report = checkRequirements(await readText('docs/requirements.md'), (file) => {
  const path = join(root, file)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
})
for (const problem of report.problems) console.error(`docs/requirements.md, ${problem}`)
console.log(summarize(report))
if (report.problems.length > 0) process.exitCode = 1
