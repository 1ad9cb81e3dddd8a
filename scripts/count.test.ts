import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { root } from './repository.ts'

interface Parts {
  tests?: { numPassedTests: number; numFailedTests: number; testResults: object[] }
  checks?: { passed: number; failed: number; failures?: string[] }
  e2e?: Parts['tests']
  codes?: { build?: number; tests?: number; e2e?: number; checks?: number; demo?: number }
}

/** What CI prints at its end, and its exit code, for what its parts left behind. */
async function count({ tests, e2e, checks, codes = {} }: Parts): Promise<[number, string]> {
  const directory = await mkdtemp(join(tmpdir(), 'keploy-count-'))
  try {
    if (tests) await writeFile(join(directory, 'tests.json'), JSON.stringify(tests))
    if (e2e) await writeFile(join(directory, 'e2e.json'), JSON.stringify(e2e))
    if (checks) await writeFile(join(directory, 'checks.json'), JSON.stringify(checks))
    for (const [part, code] of Object.entries({ build: 0, tests: 0, e2e: 0, checks: 0, demo: 0, ...codes })) {
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

test('tests, checks, the build and the demo are added up', async () => {
  await expect(count({ tests: passing, checks: { passed: 8, failed: 0 } })).resolves.toEqual([
    0,
    '20 passed, 0 failed\n',
  ])
})

test('the tests of the whole tool are added to the others', async () => {
  const testResults = [
    {
      name: 'cart.test.ts',
      status: 'failed',
      assertionResults: [
        { status: 'failed', fullName: 'cart adds', failureMessages: ['Error: 3 is not 4\n    at cart.test.ts'] },
        { status: 'passed', fullName: 'cart removes', failureMessages: [] },
        { status: 'failed', fullName: 'cart counts', failureMessages: [] },
      ],
    },
    { name: 'shop.test.ts', status: 'passed', assertionResults: [{ status: 'passed', fullName: 'opens' }] },
  ]
  const e2e = { numPassedTests: 10, numFailedTests: 2, testResults }
  await expect(count({ tests: passing, e2e, codes: { e2e: 1 } })).resolves.toEqual([
    1,
    'FAILED cart.test.ts > cart adds: Error: 3 is not 4\nFAILED cart.test.ts > cart counts: \n22 passed, 2 failed\n',
  ])
})

test('a failed test and a failed check count one each', async () => {
  const parts = {
    tests: { ...passing, numFailedTests: 1 },
    checks: { passed: 7, failed: 1, failures: ['lint'] },
    codes: { tests: 1, checks: 1 },
  }
  await expect(count(parts)).resolves.toEqual([1, 'FAILED the check lint\n19 passed, 2 failed\n'])
})

test('a test file that could not be loaded counts one', async () => {
  const tests = {
    ...passing,
    testResults: [{ name: 'cart.test.ts', status: 'failed', message: 'no such module\n', assertionResults: [] }],
  }
  const parts = { tests, checks: { passed: 8, failed: 0 }, codes: { tests: 1 } }
  await expect(count(parts)).resolves.toEqual([1, 'FAILED cart.test.ts: no such module\n20 passed, 1 failed\n'])
})

test('tests that pass in a run that fails count one, as when an error was thrown outside of any test', async () => {
  const parts = { tests: passing, checks: { passed: 8, failed: 0 }, codes: { tests: 1 } }
  await expect(count(parts)).resolves.toEqual([1, 'FAILED tests as a whole: ended with 1\n20 passed, 1 failed\n'])
})

test('a part that left nothing behind is a failure, not an absence of failures', async () => {
  await expect(count({ codes: { build: 2, tests: 1, checks: 124, demo: 1 } })).resolves.toEqual([
    1,
    'FAILED build as a whole: ended with 2\nFAILED tests as a whole: ended with 1\nFAILED checks as a whole: ended with 124\nFAILED demo as a whole: ended with 1\n0 passed, 4 failed\n',
  ])
})
