import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { HOSTILE, hostileRun } from '../testing/hostile.ts'
import { report } from '../testing/run-reporter.ts'
import { nineTests, runResult, testResult } from '../testing/sample-run.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { markdownText } from './escape.ts'
import { stepSummary } from './step-summary.ts'

describe('annotations', () => {
  it('mark the file of each test that failed', async () => {
    const { stdout } = await report('github', nineTests({ broken: true }), { stepSummary: '' })
    expect(stdout).toMatchInlineSnapshot(`
      "::error file=keploy/test-set-0/tests/delete-session-1.yaml,line=1,title=DELETE /api/v1/sessions/0d4f5a0e-6f0e-4b0e-9d67-0a3c5c1f7b52 failed::status: The recorded answer has status 204, the service answered 404.%0A  expected 204%0A  got 404%0Abody: The recorded answer has no body, the service sent one.%0A  expected ""%0A  got {"detail":"Session not found"}
      "
    `)
  })

  it('are not printed when everything passed', async () => {
    expect((await report('github', nineTests(), { stepSummary: '' })).stdout).toBe('')
  })

  it('warn of tests that passed late, and stop where GitHub does', async () => {
    const failed = Array.from({ length: 30 }, () => testResult({ status: 'failed' }))
    const flaky = testResult({ status: 'flaky', attempts: 3 })
    const { stdout } = await report('github', runResult([...failed, flaky]), { stepSummary: '', sets: '' })
    const lines = stdout.trimEnd().split('\n')
    expect(lines.filter((line) => line.startsWith('::error'))).toHaveLength(10)
    expect(lines[9]).toContain('and 21 tests more')
    expect(lines[10]).toContain('::warning file=test-set-0/tests/get-health-1.yaml,line=1,')
    expect(lines[10]).toContain('Passed only at attempt 3.')
  })

  it('are one command per line, whatever stands in the recordings', async () => {
    for (const text of [...HOSTILE, ...fc.sample(fc.string({ unit: 'binary' }), 100)]) {
      const { stdout } = await report('github', hostileRun([text]), { stepSummary: '' })
      expect(stdout.split(/[\r\n]/)).toHaveLength(2)
      expect(stdout).toMatch(/^::error file=[^,:]*,line=1,title=[^,:]*::/)
    }
  })
})

describe('the summary of the job', () => {
  it('is appended to what other steps wrote', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'summary.md'), 'before\n')
    const { files } = await report('github', nineTests({ broken: true }), {
      cwd: folder.path,
      stepSummary: 'summary.md',
    })
    const text = await readFile(files[0] ?? '', 'utf8')
    expect(text.startsWith('before\n## API replay: FAILED')).toBe(true)
    expect(text).toContain('| Session Management | 5 | 4 | 1 | 0 | 80.0 % |')
    expect(text).toContain('<details><summary>DELETE ')
  })

  it('says what became of the recorded calls', () => {
    const text = stepSummary(runResult([testResult()], { mocks: { served: 3, missed: 1, unused: 2 } }))
    expect(text).toContain('\n\nMocks: 3 served, 1 missed, 2 unused\n')
  })

  it('says what language models cost', () => {
    const llm = { calls: 2, inputTokens: 1200, outputTokens: 1, costUsd: 0.0012 }
    const text = stepSummary(runResult([testResult({ calls: { served: 2, missed: 0, llm } }), testResult()]))
    expect(text).toContain('\n\nLanguage models: 2 calls, 1,200 tokens in, 1 out, 0.0012 USD\n')
    expect(stepSummary(runResult([testResult()]))).not.toContain('Language models')
  })

  it('holds no markup of the recordings', () => {
    for (const text of [...HOSTILE, ...fc.sample(fc.string({ unit: 'binary' }), 200)]) {
      expect(markdownText(text)).toMatch(/^(?:[\p{L}\p{N}\p{M} \n]|[^\p{ASCII}]|&#\d+;)*$/u)
      const summary = stepSummary(hostileRun([text]))
      expect(summary.match(/<[a-z/]+>/g)?.toSorted()).toEqual(
        ['<details>', '<summary>', '</summary>', '<p>', '</p>', '<pre>', '</pre>', '</details>'].toSorted(),
      )
    }
  })

  it('stays below the size that GitHub takes, and says what it left out', () => {
    const failures = [
      { kind: 'body' as const, path: 'body', expected: '!'.repeat(400), actual: '', message: 'It differs.' },
    ]
    const many = Array.from({ length: 2000 }, () => testResult({ status: 'failed', failures }))
    const summary = stepSummary(runResult(many))
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024)
    expect(summary).toMatch(/And [\d,]+ more that did not pass\.\n$/)
  })

  it('says which file could not be written', async () => {
    await using folder = await temporaryFolder()
    await mkdir(join(folder.path, 'summary.md'))
    await expect(report('github', nineTests(), { cwd: folder.path, stepSummary: 'summary.md' })).rejects.toMatchObject({
      code: 'KEPLOY_REPORT_WRITE',
      message: expect.stringContaining('summary.md') as string,
    })
  })
})
