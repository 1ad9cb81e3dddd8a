import { readFile } from 'node:fs/promises'

import type { LlmUse, RunEvent } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { HOSTILE, hostileRun } from '../testing/hostile.ts'
import { memoryStream } from '../testing/memory-stream.ts'
import { report } from '../testing/run-reporter.ts'
import { eventsOf, nineTests, runResult, testResult } from '../testing/sample-run.ts'
import { textWidth } from '../text/width.ts'
import { createPrettyReporter } from './pretty-reporter.ts'
import { summaryLine } from './summary-lines.ts'

describe('the terminal report', () => {
  it('says what language models were asked, test by test and in all, and what is not known', async () => {
    const calls = (llm: LlmUse) => ({ calls: { served: 1, missed: 0, llm } })
    const { stdout } = await report(
      'pretty',
      runResult([
        testResult(calls({ calls: 2, inputTokens: 1200, outputTokens: 1, costUsd: 0.0012 })),
        testResult(calls({ calls: 1, inputTokens: 0, outputTokens: 0, unknown: 1 })),
        testResult(),
      ]),
    )
    expect(stdout).toContain('\n            LLM: 2 calls, 1,200 tokens in, 1 out, 0.0012 USD\n')
    expect(stdout).toContain('\n            LLM: 1 call, tokens unknown, cost unknown\n')
    expect(stdout).toContain('\nLLM      3 calls, 1,200 tokens in, 1 out, unknown for 1 of them, cost unknown\n')
    expect(stdout.match(/LLM/g)).toHaveLength(3)
  })

  it('says of a call that nothing answered what was asked, what comes nearest, and what accepts it', async () => {
    const message = [
      'no recorded call answers it',
      'asked: GET object:first',
      'nearest: GET thing:first (mock-2)',
      'differs: [1] was "thing:first", is "object:first"',
      'accept: keploy-framework test --mocks record-missing --tests get-things-first-1',
    ].join('\n')
    const passedOn = 'redis db:6379: no recorded call answers `GET object:first`. Nearest is mock-2 `GET thing:first`.'
    const { stdout } = await report(
      'pretty',
      runResult([
        testResult({
          status: 'failed',
          failures: [
            { kind: 'dependency', path: 'redis db:6379 [1]', expected: 'thing:first', actual: 'object:first', message },
            { kind: 'status', path: 'status', expected: 200, actual: 502, message: 'The status is another one.' },
            { kind: 'body', path: 'body.error', actual: passedOn, message: 'The field was not recorded.' },
          ],
        }),
      ]),
    )
    const lines = stdout.split('\n')
    const from = lines.findIndex((line) => line.includes('redis db:6379'))
    expect(lines.slice(from, from + 9)).toMatchInlineSnapshot(`
      [
        "      redis db:6379 [1]",
        "        reason    no recorded call answers it",
        "        asked     GET object:first",
        "        nearest   GET thing:first (mock-2)",
        "        differs   [1] was "thing:first", is "object:first"",
        "        accept    keploy-framework test --mocks record-missing --tests",
        "                  get-things-first-1",
        "      status: expected 200, got 502",
        "      body.error: expected (nothing), got "redis db:6379: no recorded call answ…",
      ]
    `)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80)
  })

  it('prints steps, suites, tests and a summary of nine tests that pass', async () => {
    const { stdout, stderr } = await report('pretty', nineTests())
    expect(stderr).toBe('')
    expect(stdout).toMatchInlineSnapshot(`
      "Replaying against http://127.0.0.1:8000
      Step 1/3: Starting the service
      Step 2/3: Replaying 9 tests

      test-set-0  test-set-0/tests

        Health & Status  2 of 2 passed
        ✓ GET     /health  get-health-1.yaml                            passed    3 ms
        ✓ GET     /  get-root-1.yaml                                    passed    2 ms

        Session Management  5 of 5 passed
        ✓ POST    /api/v1/sessions  post-sessions-1.yaml                passed   18 ms
        ✓ POST    /api/v1/sessions  post-sessions-2.yaml                passed    9 ms
        ✓ GET     /api/v1/sessions/0d4f5a0e-…0e-4b0e-9d67-0a3c5c1f7b52  passed    3 ms
                  test-set-0/tests/get-session-1.yaml
        ✓ GET     /api/v1/sessions  get-sessions-1.yaml                 passed    5 ms
        ✓ DELETE  /api/v1/sessions/0d4f5a0e-…0e-4b0e-9d67-0a3c5c1f7b52  passed    3 ms
                  test-set-0/tests/delete-session-1.yaml

        Error Handling  2 of 2 passed
        ✓ GET     /api/v1/sessions/invalid  get-session-2.yaml          passed    2 ms
        ✓ POST    /api/v1/sessions  post-sessions-3.yaml                passed    2 ms

      Step 3/3: Stopping the service

      1 recorded value bound to live ones
        0d4f5a0e-6f0e-4b0e-9d67-0a3c5c1f7b52 → 91c2a7de-3b64-4f1c-8a25-6e2f9d40b7c3
          uuid, first at post-sessions-1 body.id

      11 differences allowed by rules
        volatile header (8) · form: iso-date (3)

      Suite                Tests  Passed  Failed   Other   Pass rate
      Health & Status          2       2       0       0     100.0 %
      Session Management       5       5       0       0     100.0 %
      Error Handling           2       2       0       0     100.0 %

      Total    9
      Passed   9 (100.0 %)
      Failed   0 (0.0 %)

      PASSED  9 of 9 tests passed (100.0 %) in 47 ms
      "
    `)
  })

  it('says of a failure what was expected, what came and why', async () => {
    const { stdout } = await report('pretty', nineTests({ broken: true }), { quiet: true })
    expect(stdout).toMatchInlineSnapshot(`
      "
      test-set-0  test-set-0/tests

        Session Management  4 of 5 passed
        ✗ DELETE  /api/v1/sessions/0d4f5a0e-…0e-4b0e-9d67-0a3c5c1f7b52  failed   12 ms
                  test-set-0/tests/delete-session-1.yaml
            status
              expected  204
              got       404
              reason    The recorded answer has status 204, the service answered 404.
            body
              expected  ""
              got       {"detail":"Session not found"}
              reason    The recorded answer has no body, the service sent one.

      Total    9
      Passed   8 (88.9 %)
      Failed   1 (11.1 %)

      FAILED  8 of 9 tests passed (88.9 %) in 56 ms
      "
    `)
  })

  it('prints what the README shows', async () => {
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
    expect(readme).toContain((await report('pretty', nineTests({ broken: true }))).stdout)
  })

  it('shows every bound value and rule with its test when asked for details', async () => {
    const { stdout } = await report('pretty', nineTests(), { verbose: true })
    expect(stdout).toContain('      bound  0d4f5a0e-6f0e-4b0e-9d67-0a3c5c1f7b52\n')
    expect(stdout).toContain('→ 91c2a7de-3b64-4f1c-8a25-6e2f9d40b7c3')
    expect(stdout).toContain('allowed  body.created_at by form: iso-date')
  })

  it('shows texts of several lines as a difference around what changed', async () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`)
    const failure = {
      kind: 'body' as const,
      path: 'body',
      expected: lines.join('\n'),
      actual: lines.with(15, 'LINE 15').join('\n'),
      message: 'Line 16 differs.',
    }
    const { stdout } = await report('pretty', runResult([testResult({ status: 'failed', failures: [failure] })]))
    expect(stdout).toContain(
      '        …\n          line 13\n          line 14\n        - line 15\n        + LINE 15\n          line 16\n          line 17\n        …\n',
    )
  })

  it('cuts long lists of failures, lines and values, and says so', async () => {
    const many = Array.from({ length: 12 }, (_, index) => ({
      kind: 'body' as const,
      path: `body.f${index}`,
      expected: 'x'.repeat(1000),
      actual: 1,
      message: 'It differs.',
    }))
    const long = {
      kind: 'body' as const,
      path: 'body',
      expected: 'a\n'.repeat(100),
      actual: 'b\n'.repeat(100),
      message: 'It differs.',
    }
    const result = runResult([
      testResult({ status: 'failed', failures: many }),
      testResult({ status: 'failed', failures: [long] }),
    ])
    const { stdout } = await report('pretty', result)
    expect(stdout).toContain('and 2 more; --verbose shows them all')
    expect(stdout).toMatch(/and \d+ more lines; --verbose shows them all/)
    expect(stdout).not.toContain('body.f11')
    expect((await report('pretty', result, { verbose: true })).stdout).toContain('body.f11')
  })

  it('names blocked, skipped and flaky tests and counts them in the summary', async () => {
    const result = runResult([
      testResult({
        status: 'blocked',
        failures: [{ kind: 'blocked', path: '', message: 'Secret 2 has no value here.' }],
      }),
      testResult({ status: 'skipped' }),
      testResult({ status: 'flaky', attempts: 2 }),
    ])
    const { stdout } = await report('pretty', { ...result, mocks: { served: 3, missed: 1, unused: 0 } })
    expect(stdout).toContain('■ GET     /health')
    expect(stdout).toContain('flaky, 2 attempts')
    expect(stdout).toContain('Blocked  1 (33.3 %)')
    expect(stdout).toContain('Skipped  1 (33.3 %)')
    expect(stdout).toContain('Flaky    1, passed after a retry')
    expect(stdout).toContain('Mocks    3 served, 1 missed, 0 unused')
    expect(stdout).toContain('FAILED  1 of 2 tests passed (50.0 %), 1 skipped in 9 ms')
  })

  it('says once why tests were not run', async () => {
    const message = 'The service could not be started: Port 8000 on 127.0.0.1 is already in use.'
    const unrun = Array.from({ length: 9 }, (_, index) =>
      testResult({
        name: `get-health-${index + 1}`,
        suite: '',
        status: 'failed',
        method: '',
        path: '',
        attempts: 0,
        failures: [{ kind: 'crashed', path: '', message }],
      }),
    )
    const { stdout } = await report('pretty', runResult(unrun), { quiet: false })
    expect(stdout).toContain(`
  (not run)  0 of 9 passed
  ✗ 9 tests were not run: The service could not be started: Port 8000 on
    127.0.0.1 is already in use.
      get-health-1, get-health-2, get-health-3, get-health-4, get-health-5 and 4
      more
`)
    expect(stdout).toMatch(/^\(not run\) +9 +0 +9/m)
    expect((await report('pretty', runResult(unrun), { verbose: true })).stdout).toContain('get-health-9')
  })

  it('folds a long suite that passed into one line', async () => {
    const result = runResult(Array.from({ length: 5000 }, () => testResult({ bound: [] })))
    const { stdout } = await report('pretty', result)
    expect(stdout).toContain('5,000 tests passed  15.0 s')
    expect(stdout.split('\n').length).toBeLessThan(25)
    expect((await report('pretty', result, { verbose: true })).stdout.split('\n').length).toBeGreaterThan(5000)
  })

  it('prints notices when they come, and the last lines of what a service printed behind a bar', async () => {
    const output = Array.from({ length: 60 }, (_, index) => `log ${index}`).join('\n')
    const extra: RunEvent[] = [
      { type: 'notice', at: 0, level: 'error', code: 'KEPLOY_X', message: `The service died.\n${output}\n` },
      { type: 'notice', at: 0, level: 'info', code: 'KEPLOY_Y', message: 'Good to know.' },
    ]
    const { stdout } = await report('pretty', nineTests(), { extra })
    expect(stdout).toContain(
      'error    The service died. [KEPLOY_X]\n  │ 20 lines before; --verbose shows them\n  │ log 20\n',
    )
    expect(stdout).toContain('info     Good to know. [KEPLOY_Y]')
    expect((await report('pretty', nineTests(), { extra, quiet: true })).stdout).not.toContain('Good to know')
  })

  it('prints no colour unless asked to', async () => {
    expect((await report('pretty', nineTests({ broken: true }))).stdout).not.toContain('\u001b')
    const { stdout } = await report('pretty', nineTests({ broken: true }), { color: true })
    expect(stdout).toContain('\u001b[31mfailed\u001b[39m')
  })

  it('stays within the width, whatever stands in the recordings', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.constantFrom(60, 80, 120),
        async (text, width) => {
          const { stdout } = await report('pretty', hostileRun([text]), { width })
          for (const line of stdout.split('\n')) expect(textWidth(line)).toBeLessThanOrEqual(width)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('lets no recorded text steer the terminal or command a CI system', async () => {
    const extra: RunEvent[] = HOSTILE.map((message) => ({
      type: 'notice',
      at: 0,
      level: 'warning',
      code: 'KEPLOY_X',
      message,
    }))
    for (const verbose of [false, true]) {
      const { stdout } = await report('pretty', hostileRun(), { verbose, extra })
      expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
      expect(stdout).not.toMatch(/^\s*::/m)
      expect(stdout).not.toContain('##[')
    }
  })

  it('reports what is known of a run that was cut short', async () => {
    const events = eventsOf(nineTests()).filter(({ type }) => type !== 'run-finished' && type !== 'set-finished')
    const { stdout } = await report('pretty', nineTests(), { events: events.slice(0, 12) })
    expect(stdout).toContain('post-sessions-1.yaml')
    expect(stdout).toContain('INTERRUPTED  4 of 4 tests passed')
  })
})

describe('progress', () => {
  it('overwrites one line on a terminal, and takes it away before it prints', () => {
    const stdout = memoryStream()
    const stderr = memoryStream(true)
    const reporter = createPrettyReporter({ stdout, stderr })
    for (const event of eventsOf(runResult(Array.from({ length: 3 }, () => testResult({ durationMs: 100 })))))
      reporter.onEvent(event)
    expect(stderr.text).toContain('2 of 3 tests, 0 failed  test-set-0/get-health-1')
    expect(stderr.text).toMatch(/\r\u001b\[2K$/)
  })

  it('keeps the line in sight while tests end faster than it is drawn', () => {
    const stderr = memoryStream(true)
    const reporter = createPrettyReporter({ stdout: memoryStream(), stderr })
    const result = runResult(Array.from({ length: 60 }, () => testResult({ durationMs: 2 })))
    for (const event of eventsOf(result).filter(({ type }) => type.startsWith('test-'))) reporter.onEvent(event)
    expect(stderr.text.split('tests').length - stderr.text.split('\u001b[2K').length).toBe(1)
  })

  it('prints a plain line every ten seconds elsewhere', async () => {
    const result = runResult([
      ...Array.from({ length: 5 }, () => testResult({ durationMs: 6000 })),
      testResult({ status: 'failed', durationMs: 6000 }),
    ])
    const { stderr } = await report('pretty', result)
    expect(stderr).toBe('2 of 6 tests, 0 failed\n4 of 6 tests, 0 failed\n')
    expect((await report('pretty', result, { quiet: true, live: true })).stderr).toBe('')
  })

  it('prints none where only the service took long to start', async () => {
    const events = eventsOf(nineTests()).map((event) => (event.type === 'run-started' ? { ...event, at: 0 } : event))
    expect((await report('pretty', nineTests(), { events })).stderr).toBe('')
  })
})

it('says on one line how a run ended', () => {
  expect(summaryLine(nineTests())).toBe('PASSED  9 of 9 tests passed (100.0 %) in 47 ms')
  expect(summaryLine(runResult([]))).toBe('FAILED  nothing was run')
})
