import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { parseReport } from '@keploy-framework/format'
import { describe, expect, it } from 'vitest'

import { hostileRun } from '../testing/hostile.ts'
import { nineTests, runResult, testResult } from '../testing/sample-run.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { listRuns, loadLastRun } from './load-run.ts'
import { saveRun } from './save-run.ts'

describe('kept runs', () => {
  it('are numbered from 0, and the last one is read back as it was', async () => {
    await using folder = await temporaryFolder()
    expect(await loadLastRun(folder.path)).toBeUndefined()
    await saveRun(folder.path, nineTests())
    const saved = await saveRun(folder.path, nineTests({ broken: true }))
    expect(saved).toEqual({ number: 1, directory: join(folder.path, 'reports/test-run-1') })
    expect(await loadLastRun(folder.path)).toEqual({ ...saved, result: nineTests({ broken: true }) })
    expect((await listRuns(folder.path)).map(({ number }) => number)).toEqual([0, 1])
  })

  it('get a folder each when they end at the same time', async () => {
    await using folder = await temporaryFolder()
    const saved = await Promise.all(Array.from({ length: 20 }, () => saveRun(folder.path, nineTests())))
    expect(saved.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('go on after the folders that Keploy wrote, in the order of numbers', async () => {
    await using folder = await temporaryFolder()
    for (const name of ['test-run-9', 'test-run-10', 'test-run-x', 'other']) {
      await mkdir(join(folder.path, 'reports', name), { recursive: true })
    }
    expect((await saveRun(folder.path, nineTests())).number).toBe(11)
    expect((await listRuns(folder.path)).map(({ number }) => number)).toEqual([11])
  })

  it('are redacted before they are written', async () => {
    await using folder = await temporaryFolder()
    const run = runResult([testResult({ path: '/login?key=hunter2', curl: 'curl -H "X: hunter2"' })])
    const { directory } = await saveRun(folder.path, run, {
      redact: (text) => text.replaceAll('hunter2', '{{secret.1}}'),
    })
    for (const name of await readdir(directory))
      expect(await readFile(join(directory, name), 'utf8')).not.toContain('hunter2')
  })

  it('hold the report that Keploy would have written', async () => {
    await using folder = await temporaryFolder()
    const { directory } = await saveRun(folder.path, nineTests({ broken: true }), { startedAt: 1_700_000_000_000 })
    const { report, issues } = parseReport(await readFile(join(directory, 'test-set-0-report.yaml'), 'utf8'))
    expect(issues).toEqual([])
    expect(report).toMatchObject({
      status: 'FAILED',
      success: 8,
      failure: 1,
      ignored: 0,
      total: 9,
      testSet: 'test-set-0',
    })
    const failed = report?.tests.find(({ status }) => status === 'FAILED')
    expect(failed).toMatchObject({
      testCaseId: 'delete-session-1',
      statusCode: { normal: false, expected: 204, actual: 404 },
      bodies: [{ normal: false, type: 'JSON', expected: '', actual: '{"detail":"Session not found"}' }],
    })
    expect(failed?.headers.find(({ key }) => key === 'Date')?.normal).toBe(true)
  })

  it('say what Keploy has no word for in the nearest terms', async () => {
    await using folder = await temporaryFolder()
    const tests = (['blocked', 'skipped', 'flaky'] as const).map((status) => testResult({ status }))
    const { directory } = await saveRun(folder.path, runResult(tests, { status: 'interrupted' }))
    const { report } = parseReport(await readFile(join(directory, 'test-set-0-report.yaml'), 'utf8'))
    expect(report).toMatchObject({ status: 'USER_ABORT', success: 1, failure: 0, ignored: 2 })
  })

  it('stay in their folder whatever a set is called', async () => {
    await using folder = await temporaryFolder()
    const names = ['../../up', '/etc/x', '..', 'a/b', 'a_b']
    const result = runResult([
      ...names.map((set) => testResult({ set })),
      ...hostileRun().sets.flatMap(({ tests }) => tests),
    ])
    const { directory } = await saveRun(folder.path, result)
    expect(await readdir(folder.path)).toEqual(['reports'])
    expect((await readdir(directory)).filter((name) => name.endsWith('.yaml'))).toHaveLength(result.sets.length)
  })
})

describe('a kept run that cannot be read', () => {
  it.each([
    ['{"version":1', 'KEPLOY_REPORT_READ'],
    ['null', 'KEPLOY_REPORT_READ'],
    ['{"version":1,"sets":[null],"summary":{},"mocks":{}}', 'KEPLOY_REPORT_READ'],
    ['{"version":1}', 'KEPLOY_REPORT_READ'],
    ['{"version":7}', 'KEPLOY_REPORT_VERSION'],
  ])('is named, with what to do: %s', async (text, code) => {
    await using folder = await temporaryFolder()
    const directory = join(folder.path, 'reports/test-run-0')
    await mkdir(directory, { recursive: true })
    await writeFile(join(directory, 'result.json'), text)
    const message = expect.stringMatching(/result\.json.*run the tests again/) as string
    await expect(loadLastRun(folder.path)).rejects.toMatchObject({ code, message })
  })

  it('is an error when the reports are no folder', async () => {
    await using folder = await temporaryFolder()
    await writeFile(join(folder.path, 'reports'), '')
    await expect(loadLastRun(folder.path)).rejects.toMatchObject({ code: 'KEPLOY_REPORT_READ' })
    await expect(saveRun(folder.path, nineTests())).rejects.toMatchObject({ code: 'KEPLOY_REPORT_WRITE' })
  })
})
