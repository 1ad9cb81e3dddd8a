import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [directory] = process.argv.slice(2)
const read = (name) => (existsSync(join(directory, name)) ? readFileSync(join(directory, name), 'utf8') : undefined)
const failedAsAWhole = (part) => read(`${part}.code`)?.trim() !== '0'

/** What Vitest's JSON report counts; a file that could not be loaded has no tests, and counts one. */
function countTests(name) {
  const report = JSON.parse(read(name) ?? '{"numPassedTests":0,"numFailedTests":0,"testResults":[]}')
  const notLoaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  return { passed: report.numPassedTests, failed: report.numFailedTests + notLoaded.length }
}

const parts = {
  tests: countTests('tests.json'),
  e2e: countTests('e2e.json'),
  checks: JSON.parse(read('checks.json') ?? '{"passed":0,"failed":0}'),
  demo: { passed: failedAsAWhole('demo') ? 0 : 1, failed: failedAsAWhole('demo') ? 1 : 0 },
}
let passed = 0
let failed = 0
for (const [name, part] of Object.entries(parts)) {
  passed += part.passed
  failed += part.failed + (part.failed === 0 && failedAsAWhole(name) ? 1 : 0)
}
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
console.log(`${passed} passed, ${failed} failed`)
