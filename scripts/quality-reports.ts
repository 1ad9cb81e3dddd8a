import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'

import type { TestResult } from '../packages/format/src/index.ts'
import { readCoverage } from '../packages/suite/src/coverage/read-coverage.ts'
import { codecovJson, sonarCoverageXml, sonarTestsXml } from '../packages/suite/src/coverage/write-coverage.ts'
import { readJestJson } from '../packages/suite/src/reports/jest-json.ts'
import { coverageRows, coverageTable } from './quality/coverage-table.ts'
import { criticalFiles, lineCoverage } from './quality/critical-files.ts'
import { root, workspacePackages } from './repository.ts'

// Turns what Vitest wrote into the forms of Codecov and SonarQube, and prints the coverage of each package:
// node --conditions=@keploy-framework/source scripts/quality-reports.ts
const { values } = parseArgs({
  options: {
    coverage: { type: 'string', default: 'coverage/coverage-final.json' },
    tests: { type: 'string', default: 'reports/tests.json' },
    output: { type: 'string', default: 'reports' },
  },
})
const output = resolve(root, values.output)
await mkdir(output, { recursive: true })

const hits = await readCoverage(resolve(root, values.coverage), { directory: root, root })
await writeFile(join(output, 'codecov.json'), codecovJson(hits))
await writeFile(join(output, 'sonar-coverage.xml'), sonarCoverageXml(hits))
const tests = await readFile(resolve(root, values.tests), 'utf8').catch(() => undefined)
if (tests !== undefined) await writeFile(join(output, 'sonar-tests.xml'), sonarTestsXml(resultsOf(tests)))

const packages = (await workspacePackages()).map(({ directory }) => `${directory}/src/**`)
const table = coverageTable(
  coverageRows(hits, [
    ...packages.map((glob) => ({ glob, bar: lineCoverage.package })),
    ...criticalFiles.map((glob) => ({ glob, bar: lineCoverage.critical })),
  ]),
)
console.log(table)
const summary = process.env['GITHUB_STEP_SUMMARY']
if (summary) await appendFile(summary, `## Coverage of lines\n\n${table}\n`)

function resultsOf(text: string): TestResult[] {
  const outcomes = readJestJson(text, (file) => relative(root, file).replaceAll('\\', '/')) ?? []
  return outcomes.map(({ path, name, status, durationMs, message }) => ({
    set: 'vitest',
    name,
    suite: '',
    file: path,
    status,
    method: '',
    path: name,
    durationMs,
    attempts: 1,
    failures: status === 'failed' ? [{ kind: 'assertion', path: '', message }] : [],
    bound: [],
    rules: [],
    tags: [],
  }))
}
