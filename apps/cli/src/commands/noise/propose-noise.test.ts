import type { Failure, RunResult, TestResult } from '@keploy-framework/format'
import { expect, test } from 'vitest'

import { noisePath, proposeNoise } from './propose-noise.ts'

function result(failures: Failure[]): RunResult {
  const testResult: TestResult = {
    set: 'test-set-0',
    name: 'get-users-1',
    suite: 'users',
    file: 'test-set-0/tests/get-users-1.yaml',
    status: failures.length > 0 ? 'failed' : 'passed',
    method: 'GET',
    path: '/users',
    durationMs: 1,
    attempts: 1,
    failures,
    bound: [],
    rules: [],
    tags: [],
  }
  return {
    version: 1,
    status: 'failed',
    summary: { total: 1, passed: 0, failed: 1, blocked: 0, skipped: 0, flaky: 0, passRate: 0, durationMs: 1 },
    sets: [{ name: 'test-set-0', tests: [testResult] }],
    mocks: { served: 0, missed: 0, unused: 0 },
  }
}

const differs = (path: string, actual: unknown): Failure => ({
  kind: path.startsWith('header.') ? 'header' : 'body',
  path,
  expected: 'recorded',
  actual,
  message: 'differs',
})

test('a field with another value in each replay is proposed, with both values as evidence', () => {
  const found = proposeNoise(result([differs('body.nonce', 'a')]), result([differs('body.nonce', 'b')]))
  expect(found.changes).toEqual([])
  expect(found.proposals).toEqual([
    {
      set: 'test-set-0',
      test: 'get-users-1',
      file: 'test-set-0/tests/get-users-1.yaml',
      path: 'body.nonce',
      recorded: 'recorded',
      first: 'a',
      second: 'b',
    },
  ])
})

test('a field with the same new value in both replays is a change, not noise', () => {
  const found = proposeNoise(result([differs('body.total', 4)]), result([differs('body.total', 4)]))
  expect(found.proposals).toEqual([])
  expect(found.changes).toHaveLength(1)
})

test('a field that differed in one replay only was equal by luck and is proposed', () => {
  expect(proposeNoise(result([]), result([differs('header.X-Served-By', 'b')])).proposals).toMatchObject([
    { path: 'header.X-Served-By', first: 'recorded', second: 'b' },
  ])
})

test('a status that differs is never noise', () => {
  const status: Failure = { kind: 'status', path: 'status', expected: 200, actual: 500, message: 'differs' }
  expect(proposeNoise(result([status]), result([{ ...status, actual: 503 }])).proposals).toEqual([])
})

test('elements of one array are proposed once', () => {
  const one = result([differs('body.items[0].id', 'a'), differs('body.items[1].id', 'b')])
  const two = result([differs('body.items[0].id', 'c'), differs('body.items[1].id', 'd')])
  expect(proposeNoise(one, two).proposals.map(({ path }) => path)).toEqual(['body.items.id'])
  expect(noisePath('body[0].rows[12].cells[3]')).toBe('body.rows.cells')
})

test('a blocked test is neither noise nor a change: nothing of it was compared', () => {
  const run = result([{ kind: 'blocked', path: 'secret.1', message: 'The secret has no value.' }])
  const blocked: RunResult = {
    ...run,
    sets: run.sets.map((set) => ({
      ...set,
      tests: set.tests.map((each) => ({ ...each, status: 'blocked' as const })),
    })),
  }
  expect(proposeNoise(blocked, blocked)).toEqual({
    proposals: [],
    changes: [],
    blocked: [{ set: 'test-set-0', test: 'get-users-1', reason: 'The secret has no value.' }],
  })
})
