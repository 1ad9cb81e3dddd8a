import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'

import { generatedBy, writtenVersion } from '../defaults.ts'
import { parseDocuments } from '../documents/document.ts'
import { writeAtomically } from '../sets/write-atomically.ts'
import { decodeText } from '../text.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import { emitYaml } from '../yaml/emit.ts'
import { isRecord, own, scalarNumber, scalarText } from '../yaml/values.ts'

/** One header in a report: what was expected and what came. */
export interface ReportHeader {
  readonly normal: boolean
  readonly key: string
  readonly expected: readonly string[]
  readonly actual: readonly string[]
}

export interface ReportBody {
  readonly normal: boolean
  readonly type: string
  readonly expected: string
  readonly actual: string
}

/** One test in a report. `normal` means "equal". */
export interface ReportTest {
  readonly kind: string
  /** The name of the test's set (so it is in Keploy's files). */
  readonly name: string
  readonly status: string
  /** Unix seconds. */
  readonly started: number
  readonly completed: number
  readonly testCasePath: string
  readonly mockPath: string
  readonly testCaseId: string
  /** Request and response as a test has them. Take what was expected and what came from `result` only. */
  readonly request: unknown
  readonly response: unknown
  readonly noise: ReadonlyMap<string, readonly string[]>
  readonly statusCode?: { readonly normal: boolean; readonly expected: number; readonly actual: number }
  readonly headers: readonly ReportHeader[]
  readonly bodies: readonly ReportBody[]
  readonly timeTaken?: string
  readonly failureInfo?: unknown
}

/** Keploy's report of one set in one run. */
export interface KeployReport {
  readonly name: string
  readonly status: string
  readonly failureReason?: string
  readonly success: number
  readonly failure: number
  readonly obsolete?: number
  readonly ignored: number
  readonly total: number
  readonly tests: readonly ReportTest[]
  readonly testSet: string
  /** Unix seconds. */
  readonly createdAt?: number
  readonly timeTaken?: string
}

export interface ReadReport {
  readonly report?: KeployReport
  readonly issues: InputIssue[]
}

/** Reads the text of a report, of current and of early (`testReports/report-N.yaml`) versions. */
export function parseReport(text: string, options: { readonly file?: string } = {}): ReadReport {
  const { documents, issues } = parseDocuments(text, options)
  const [document] = documents
  const model = document?.model
  const tests = own(model, 'tests')
  if (issues.length > 0) return { issues }
  if (
    scalarText(own(model, 'status')) === undefined ||
    !(Array.isArray(tests) || tests === null || tests === undefined)
  ) {
    return {
      issues: [
        {
          code: 'KEPLOY_FORMAT_KIND',
          severity: 'error',
          message: 'This is not a report of Keploy (a status and a list of tests).',
          ...(options.file === undefined ? {} : { file: options.file }),
          line: document?.line ?? 1,
        },
      ],
    }
  }
  const count = (key: string): number => scalarNumber(own(model, key)) ?? 0
  const textAt = (key: string): string => scalarText(own(model, key)) ?? ''
  const createdAt = scalarNumber(own(model, 'created_at'))
  const obsolete = scalarNumber(own(model, 'obsolete'))
  return {
    report: {
      name: textAt('name'),
      status: textAt('status'),
      ...(own(model, 'failure_reason') === undefined ? {} : { failureReason: textAt('failure_reason') }),
      success: count('success'),
      failure: count('failure'),
      ...(obsolete === undefined ? {} : { obsolete }),
      ignored: count('ignored'),
      total: count('total'),
      tests: list(tests).map(decodeTest),
      testSet: textAt('test_set'),
      ...(createdAt === undefined ? {} : { createdAt }),
      ...(own(model, 'time_taken') === undefined ? {} : { timeTaken: textAt('time_taken') }),
    },
    issues: [],
  }
}

function decodeTest(model: unknown): ReportTest {
  const text = (key: string): string => scalarText(own(model, key)) ?? ''
  const result = own(model, 'result')
  const status = own(result, 'status_code')
  const noise = own(model, 'noise')
  return {
    kind: text('kind'),
    name: text('name'),
    status: text('status'),
    started: scalarNumber(own(model, 'started')) ?? 0,
    completed: scalarNumber(own(model, 'completed')) ?? 0,
    testCasePath: text('test_case_path'),
    mockPath: text('mock_path'),
    testCaseId: text('test_case_id'),
    request: own(model, 'req') ?? own(model, 'grpcReq'),
    response: own(model, 'resp') ?? own(model, 'grpcResp'),
    noise: new Map(isRecord(noise) ? Object.keys(noise).map((key) => [key, texts(own(noise, key))]) : []),
    ...(isRecord(status)
      ? {
          statusCode: {
            normal: own(status, 'normal') === true,
            expected: scalarNumber(own(status, 'expected')) ?? 0,
            actual: scalarNumber(own(status, 'actual')) ?? 0,
          },
        }
      : {}),
    headers: list(own(result, 'headers_result')).map((header) => ({
      normal: own(header, 'normal') === true,
      key: scalarText(own(own(header, 'expected'), 'key')) ?? scalarText(own(own(header, 'actual'), 'key')) ?? '',
      expected: texts(own(own(header, 'expected'), 'value')),
      actual: texts(own(own(header, 'actual'), 'value')),
    })),
    bodies: list(own(result, 'body_result')).map((body) => ({
      normal: own(body, 'normal') === true,
      type: scalarText(own(body, 'type')) ?? '',
      expected: scalarText(own(body, 'expected')) ?? '',
      actual: scalarText(own(body, 'actual')) ?? '',
    })),
    ...(own(model, 'time_taken') === undefined ? {} : { timeTaken: text('time_taken') }),
    ...(own(model, 'failure_info') === undefined ? {} : { failureInfo: own(model, 'failure_info') }),
  }
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function texts(value: unknown): string[] {
  return list(value).map((item) => scalarText(item) ?? '')
}

/** Writes a report in the shape of Keploy 3. */
export function formatReport(report: KeployReport): string {
  return `${generatedBy}\n${emitYaml({
    version: writtenVersion,
    name: report.name,
    status: report.status,
    ...(report.failureReason === undefined ? {} : { failure_reason: report.failureReason }),
    success: report.success,
    failure: report.failure,
    ...(report.obsolete === undefined ? {} : { obsolete: report.obsolete }),
    ignored: report.ignored,
    total: report.total,
    tests: report.tests.map(encodeTest),
    test_set: report.testSet,
    ...(report.createdAt === undefined ? {} : { created_at: report.createdAt }),
    ...(report.timeTaken === undefined ? {} : { time_taken: report.timeTaken }),
  })}`
}

function encodeTest(test: ReportTest): Record<string, unknown> {
  const grpc = test.kind === 'gRPC'
  return {
    kind: test.kind,
    name: test.name,
    status: test.status,
    started: test.started,
    completed: test.completed,
    test_case_path: test.testCasePath,
    mock_path: test.mockPath,
    test_case_id: test.testCaseId,
    [grpc ? 'grpcReq' : 'req']: test.request ?? {},
    [grpc ? 'grpcResp' : 'resp']: test.response ?? {},
    noise: Object.fromEntries(test.noise),
    result: {
      status_code: test.statusCode ?? { normal: true, expected: 0, actual: 0 },
      headers_result: test.headers.map(({ normal, key, expected, actual }) => ({
        normal,
        expected: { key, value: expected },
        actual: { key, value: actual },
      })),
      body_result: test.bodies.map(({ normal, type, expected, actual }) => ({ normal, type, expected, actual })),
      dep_result: [],
    },
    ...(test.timeTaken === undefined ? {} : { time_taken: test.timeTaken }),
    ...(test.failureInfo === undefined ? {} : { failure_info: test.failureInfo }),
  }
}

/**
 * Reads a report from its file.
 *
 * @example
 * const { report } = await readReport('keploy/reports/test-run-0/test-set-0-report.yaml')
 */
export async function readReport(path: string): Promise<ReadReport> {
  const file = basename(path)
  try {
    const decoded = decodeText(await readFile(path), file)
    return 'issue' in decoded ? { issues: [decoded.issue] } : parseReport(decoded.text, { file })
  } catch (error) {
    return {
      issues: [
        {
          code: 'KEPLOY_FORMAT_READ',
          severity: 'error',
          message: `This file can't be read: ${(error as Error).message}.`,
          file,
        },
      ],
    }
  }
}

/**
 * Writes a report to its file.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_WRITE` when the file can't be written.
 */
export async function writeReport(path: string, report: KeployReport): Promise<void> {
  await writeAtomically(path, formatReport(report))
}
