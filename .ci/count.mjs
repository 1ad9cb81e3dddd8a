import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [directory] = process.argv.slice(2)
const read = (name) => (existsSync(join(directory, name)) ? readFileSync(join(directory, name), 'utf8') : undefined)
const failedAsAWhole = (part) => read(`${part}.code`)?.trim() !== '0'

/** The name of every failed test with the first line of its reason, or of a file that could not be loaded. */
function namesOfFailed(name) {
  const report = JSON.parse(read(name) ?? '{"testResults":[]}')
  return report.testResults
    .filter((file) => file.status === 'failed')
    .flatMap((file) => {
      const failed = file.assertionResults.filter((test) => test.status === 'failed')
      if (failed.length === 0) return [`${file.name}: ${firstLine(file.message)}`]
      return failed.map((test) => `${file.name} > ${test.fullName}: ${firstLine(test.failureMessages?.[0])}`)
    })
}

const firstLine = (text) => (text ?? '').split('\n', 1)[0]

/** What Vitest's JSON report counts; a file that could not be loaded has no tests, and counts one. */
function countTests(name) {
  const report = JSON.parse(read(name) ?? '{"numPassedTests":0,"numFailedTests":0,"testResults":[]}')
  const notLoaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  return { passed: report.numPassedTests, failed: report.numFailedTests + notLoaded.length }
}

/** A part that is one command, and has nothing to report but its end. */
const whole = (name) => ({ passed: failedAsAWhole(name) ? 0 : 1, failed: 0 })

const parts = {
  build: whole('build'),
  tests: countTests('tests.json'),
  e2e: countTests('e2e.json'),
  checks: JSON.parse(read('checks.json') ?? '{"passed":0,"failed":0}'),
  demo: whole('demo'),
}
// Right before the count, where a log that is cut at its beginning still shows them.
const checksFailed = (JSON.parse(read('checks.json') ?? '{}').failures ?? []).map((name) => `the check ${name}`)
for (const line of [...namesOfFailed('tests.json'), ...namesOfFailed('e2e.json'), ...checksFailed])
  console.log(`FAILED ${line}`)
let passed = 0
let failed = 0
for (const [name, part] of Object.entries(parts)) {
  passed += part.passed
  failed += part.failed
  if (part.failed > 0 || !failedAsAWhole(name)) continue
  console.log(`FAILED ${name} as a whole: ended with ${read(`${name}.code`)?.trim() ?? 'no exit code'}`)
  failed += 1
}
process.exitCode = failed > 0 || passed === 0 ? 1 : 0
console.log(`${passed} passed, ${failed} failed`)
