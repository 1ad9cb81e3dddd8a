import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { root } from './repository.ts'

interface Parts {
  tests?: { numPassedTests: number; numFailedTests: number; testResults: object[] }
  checks?: { passed: number; failed: number }
  e2e?: Parts['tests']
  codes?: { tests?: number; e2e?: number; checks?: number; demo?: number }
}

/** What CI prints at its end, and its exit code, for what its parts left behind. */
async function count({ tests, e2e, checks, codes = {} }: Parts): Promise<[number, string]> {
  const directory = await mkdtemp(join(tmpdir(), 'keploy-count-'))
  try {
    if (tests) await writeFile(join(directory, 'tests.json'), JSON.stringify(tests))
    if (e2e) await writeFile(join(directory, 'e2e.json'), JSON.stringify(e2e))
    if (checks) await writeFile(join(directory, 'checks.json'), JSON.stringify(checks))
    for (const [part, code] of Object.entries({ tests: 0, e2e: 0, checks: 0, demo: 0, ...codes })) {
      await writeFile(join(directory, `${part}.code`), `${code}\n`)
    }
    return await new Promise((resolve) => {
      execFile(process.execPath, [join(root, '.ci/count.mjs'), directory], (error, stdout) =>
        resolve([error ? Number(error.code) : 0, stdout]),
      )
    })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const passing = { numPassedTests: 10, numFailedTests: 0, testResults: [] }

test('tests, checks and the demo are added up', async () => {
  await expect(count({ tests: passing, checks: { passed: 8, failed: 0 } })).resolves.toEqual([
    0,
    '19 passed, 0 failed\n',
  ])
})

test('the tests of the whole tool are added to the others', async () => {
  const parts = { tests: passing, e2e: { ...passing, numFailedTests: 2 }, codes: { e2e: 1 } }
  await expect(count(parts)).resolves.toEqual([1, '21 passed, 2 failed\n'])
})

test('a failed test and a failed check count one each', async () => {
  const parts = {
    tests: { ...passing, numFailedTests: 1 },
    checks: { passed: 7, failed: 1 },
    codes: { tests: 1, checks: 1 },
  }
  await expect(count(parts)).resolves.toEqual([1, '18 passed, 2 failed\n'])
})

test('a test file that could not be loaded counts one', async () => {
  const tests = { ...passing, testResults: [{ status: 'failed', assertionResults: [] }] }
  const parts = { tests, checks: { passed: 8, failed: 0 }, codes: { tests: 1 } }
  await expect(count(parts)).resolves.toEqual([1, '19 passed, 1 failed\n'])
})

test('tests that pass in a run that fails count one, as when an error was thrown outside of any test', async () => {
  const parts = { tests: passing, checks: { passed: 8, failed: 0 }, codes: { tests: 1 } }
  await expect(count(parts)).resolves.toEqual([1, '19 passed, 1 failed\n'])
})

test('a part that left nothing behind is a failure, not an absence of failures', async () => {
  await expect(count({ codes: { tests: 1, checks: 124, demo: 1 } })).resolves.toEqual([1, '0 passed, 3 failed\n'])
})
