import type { Failure, RunEvent, RunResult, RunStatus, TestResult, TestStatus } from '@keploy-framework/format'

const AT = Date.UTC(2026, 0, 5, 10, 0, 0)

/** A test result with sensible values for what a test does not care about. */
export function testResult(overrides: Partial<TestResult> = {}): TestResult {
  return {
    set: 'test-set-0',
    name: 'get-health-1',
    suite: 'Health & Status',
    file: 'test-set-0/tests/get-health-1.yaml',
    status: 'passed',
    method: 'GET',
    path: '/health',
    durationMs: 3,
    attempts: 1,
    failures: [],
    bound: [],
    rules: [],
    tags: [],
    ...overrides,
  }
}

/** A result made of tests; counts follow from them. */
export function runResult(tests: readonly TestResult[], overrides: Partial<RunResult> = {}): RunResult {
  const of = (status: TestStatus) => tests.filter((test) => test.status === status).length
  const counts = { passed: of('passed'), failed: of('failed'), blocked: of('blocked'), skipped: of('skipped') }
  const flaky = of('flaky')
  const ran = tests.length - counts.skipped
  const status: RunStatus = counts.failed + counts.blocked > 0 || ran === 0 ? 'failed' : 'passed'
  const names = [...new Set(tests.map((test) => test.set))]
  return {
    version: 1,
    status,
    summary: {
      total: tests.length,
      ...counts,
      flaky,
      passRate: ran === 0 ? 0 : (counts.passed + flaky) / ran,
      durationMs: tests.reduce((sum, test) => sum + test.durationMs, 0),
    },
    sets: names.map((name) => ({ name, tests: tests.filter((test) => test.set === name) })),
    mocks: { served: 0, missed: 0, unused: 0 },
    ...overrides,
  }
}

/** The events of a run that ends in a result. */
export function eventsOf(result: RunResult, notices: readonly RunEvent[] = []): RunEvent[] {
  let at = AT
  const events: RunEvent[] = [
    {
      type: 'run-started',
      at,
      target: 'http://127.0.0.1:8000',
      sets: result.sets.map(({ name, tests }) => ({ name, tests: tests.length })),
    },
    { type: 'step', at, index: 1, total: 3, title: 'Starting the service' },
    { type: 'step', at, index: 2, total: 3, title: `Replaying ${result.summary.total} tests` },
  ]
  for (const { name, tests } of result.sets) {
    events.push({ type: 'set-started', at, set: name, tests: tests.length })
    for (const test of tests) {
      events.push({ type: 'test-started', at, set: name, test: test.name })
      at += test.durationMs
      events.push({ type: 'test-finished', at, result: test })
    }
    events.push({ type: 'set-finished', at, set: name })
  }
  events.push(...notices, { type: 'step', at, index: 3, total: 3, title: 'Stopping the service' })
  events.push({ type: 'run-finished', at, result })
  return events
}

const RECORDED_ID = '0d4f5a0e-6f0e-4b0e-9d67-0a3c5c1f7b52'
const LIVE_ID = '91c2a7de-3b64-4f1c-8a25-6e2f9d40b7c3'
const VOLATILE = { path: 'header.Date', rule: 'volatile header' }
const CREATED = { path: 'body.created_at', rule: 'form: iso-date' }

/** The nine requests of the Sessions API. With `broken`, DELETE answers 404, as a replay without live ids would see it. */
export function nineTests(options: { broken?: boolean } = {}): RunResult {
  const sessions = (name: string, method: string, path: string, more: Partial<TestResult> = {}) =>
    testResult({
      name,
      method,
      path,
      suite: 'Session Management',
      file: `test-set-0/tests/${name}.yaml`,
      rules: [VOLATILE],
      ...more,
    })
  const bound = [{ recorded: RECORDED_ID, live: LIVE_ID, form: 'uuid', where: 'post-sessions-1 body.id' }]
  const errors = (name: string, method: string, path: string) =>
    sessions(name, method, path, { suite: 'Error Handling', durationMs: 2 })
  return runResult([
    testResult({ rules: [VOLATILE] }),
    testResult({ name: 'get-root-1', path: '/', file: 'test-set-0/tests/get-root-1.yaml', durationMs: 2 }),
    sessions('post-sessions-1', 'POST', '/api/v1/sessions', { bound, rules: [VOLATILE, CREATED], durationMs: 18 }),
    sessions('post-sessions-2', 'POST', '/api/v1/sessions', { rules: [VOLATILE, CREATED], durationMs: 9 }),
    sessions('get-session-1', 'GET', `/api/v1/sessions/${RECORDED_ID}`, { bound, rules: [VOLATILE, CREATED] }),
    sessions('get-sessions-1', 'GET', '/api/v1/sessions', { bound, durationMs: 5 }),
    sessions(
      'delete-session-1',
      'DELETE',
      `/api/v1/sessions/${RECORDED_ID}`,
      options.broken ? BROKEN_DELETE : { bound },
    ),
    errors('get-session-2', 'GET', '/api/v1/sessions/invalid'),
    errors('post-sessions-3', 'POST', '/api/v1/sessions'),
  ])
}

const STATUS_FAILURE: Failure = {
  kind: 'status',
  path: 'status',
  expected: 204,
  actual: 404,
  message: 'The recorded answer has status 204, the service answered 404.',
}

const BROKEN_DELETE: Partial<TestResult> = {
  status: 'failed',
  durationMs: 12,
  curl: `curl -X DELETE 'http://127.0.0.1:8000/api/v1/sessions/${LIVE_ID}'`,
  failures: [
    STATUS_FAILURE,
    {
      kind: 'body',
      path: 'body',
      expected: '',
      actual: { detail: 'Session not found' },
      message: 'The recorded answer has no body, the service sent one.',
    },
  ],
  expected: { status: 204, headers: [['Date', 'Mon, 05 Jan 2026 09:00:00 GMT']], body: '' },
  actual: {
    status: 404,
    headers: [
      ['Content-Type', 'application/json'],
      ['Date', 'Mon, 05 Jan 2026 10:00:00 GMT'],
    ],
    body: '{"detail":"Session not found"}',
  },
}
