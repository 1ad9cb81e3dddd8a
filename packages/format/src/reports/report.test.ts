import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { type KeployReport, parseReport, readReport, writeReport } from './report.ts'

const report: KeployReport = {
  name: 'test-set-0-report',
  status: 'FAILED',
  failureReason: 'x',
  success: 1,
  failure: 1,
  obsolete: 0,
  ignored: 0,
  total: 2,
  testSet: 'test-set-0',
  createdAt: 1_784_279_453,
  timeTaken: '1.5 s',
  tests: [
    {
      kind: 'Http',
      name: 'test-set-0',
      status: 'FAILED',
      started: 1,
      completed: 2,
      testCasePath: 'keploy/test-set-0',
      mockPath: '',
      testCaseId: 'get-a-1',
      request: { method: 'GET' },
      response: { status_code: 500 },
      noise: new Map([['header.Date', []]]),
      statusCode: { normal: false, expected: 200, actual: 500 },
      headers: [{ normal: true, key: 'A', expected: ['b'], actual: ['b', 'c'] }],
      bodies: [{ normal: false, type: 'JSON', expected: '{\n}\n', actual: '<p>' }],
      timeTaken: '2 ms',
      failureInfo: { risk: 'HIGH' },
    },
  ],
}

describe("Keploy's reports", () => {
  it('read back as they were written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'format-report-'))
    try {
      const file = join(folder, 'reports', 'test-run-0', 'test-set-0-report.yaml')
      await writeReport(file, report)
      expect(await readReport(file)).toEqual({ report, issues: [] })
      expect((await readReport(join(folder, 'missing.yaml'))).issues).toMatchObject([{ code: 'KEPLOY_FORMAT_READ' }])
      await writeFile(file, Buffer.from([255]))
      expect((await readReport(file)).issues).toMatchObject([{ code: 'KEPLOY_FORMAT_ENCODING' }])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('are read in their early form, and told from other files', () => {
    expect(
      parseReport(
        'version: api.keploy.io/v1beta1\nname: report-1\nstatus: RUNNING\nsuccess: 0\ntotal: 1\ntest_set: ""\n',
      ).report,
    ).toMatchObject({ status: 'RUNNING', total: 1, tests: [] })
    expect(parseReport('status: PASSED\ntests:\n  - kind: gRPC\n    grpcReq: {a: 1}\n').report!.tests[0]).toMatchObject(
      { kind: 'gRPC', request: { a: 1 } },
    )
    expect(parseReport('a: 1\n', { file: 'r.yaml' }).issues).toMatchObject([
      { code: 'KEPLOY_FORMAT_KIND', file: 'r.yaml' },
    ])
    expect(parseReport('a: "').issues).toMatchObject([{ code: 'KEPLOY_FORMAT_YAML' }])
  })
})
