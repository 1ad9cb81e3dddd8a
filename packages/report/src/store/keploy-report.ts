import type { KeployReport, ReportHeader, ReportTest, RunResult, SetResult, TestResult } from '@keploy-framework/format'

/**
 * A set's results as Keploy's own report holds them. What Keploy has no word for is mapped to the nearest: a blocked test is
 * ignored, a flaky one passed.
 */
export function keployReport(set: SetResult, result: RunResult, startedAt: number): KeployReport {
  const of = (status: string) => set.tests.filter((test) => testStatus(test) === status).length
  const failure = of('FAILED')
  const started = Math.floor(startedAt / 1000)
  return {
    name: `${set.name}-report`,
    status: setStatus(set, result, failure),
    success: of('PASSED'),
    failure,
    ignored: of('IGNORED'),
    total: set.tests.length,
    tests: set.tests.map((test) => reportTest(test, started)),
    testSet: set.name,
    createdAt: started,
    timeTaken: seconds(set.tests.reduce((sum, test) => sum + test.durationMs, 0)),
  }
}

/** The name of a set's report file; a set's name may hold what a file name cannot. */
export function reportFileName(set: string): string {
  return `${set.replace(/[^\w.-]/g, '_').slice(0, 200)}-report.yaml`
}

function setStatus(set: SetResult, result: RunResult, failed: number): string {
  if (set.tests.length === 0) return 'NO_TESTS_TO_RUN'
  if (result.status === 'interrupted') return 'USER_ABORT'
  return failed > 0 || set.tests.some(({ status }) => status === 'blocked') ? 'FAILED' : 'PASSED'
}

function testStatus({ status }: TestResult): 'PASSED' | 'FAILED' | 'IGNORED' {
  if (status === 'failed') return 'FAILED'
  return status === 'passed' || status === 'flaky' ? 'PASSED' : 'IGNORED'
}

function reportTest(test: TestResult, started: number): ReportTest {
  const { expected, actual } = test
  return {
    kind: 'Http',
    name: test.set,
    status: testStatus(test),
    started,
    completed: started + Math.ceil(test.durationMs / 1000),
    testCasePath: test.file,
    mockPath: '',
    testCaseId: test.name,
    request: { method: test.method, proto_major: 1, proto_minor: 1, url: test.path, header: {}, body: '' },
    response: actual
      ? { status_code: actual.status, header: headerMap(actual.headers), body: actual.body, status_message: '' }
      : {},
    noise: new Map(),
    ...(expected && actual
      ? { statusCode: { normal: !failedAt(test, 'status'), expected: expected.status, actual: actual.status } }
      : {}),
    headers: headers(test),
    bodies:
      expected && actual
        ? [
            {
              normal: !failedAt(test, 'body') && !failedAt(test, 'stream'),
              type: isJson(actual.body) ? 'JSON' : 'PLAIN',
              expected: expected.body,
              actual: actual.body,
            },
          ]
        : [],
    timeTaken: seconds(test.durationMs),
  }
}

function failedAt(test: TestResult, kind: 'status' | 'header' | 'body' | 'stream'): boolean {
  return test.failures.some((failure) => failure.kind === kind)
}

function headers(test: TestResult): ReportHeader[] {
  const left = grouped(test.expected?.headers ?? [])
  const right = grouped(test.actual?.headers ?? [])
  const failed = test.failures.filter(({ kind }) => kind === 'header').map(({ path }) => path.toLowerCase())
  return [...new Set([...left.keys(), ...right.keys()])].map((name) => {
    const path = `header.${name}`
    return {
      normal: !failed.some((at) => at === path || at.startsWith(`${path}.`)),
      key: left.get(name)?.name ?? right.get(name)?.name ?? name,
      expected: left.get(name)?.values ?? [],
      actual: right.get(name)?.values ?? [],
    }
  })
}

function grouped(list: readonly (readonly [string, string])[]) {
  const groups = new Map<string, { readonly name: string; readonly values: string[] }>()
  for (const [name, value] of list) {
    const group = groups.get(name.toLowerCase())
    if (group) group.values.push(value)
    else groups.set(name.toLowerCase(), { name, values: [value] })
  }
  return groups
}

function headerMap(list: readonly (readonly [string, string])[]): Record<string, string> {
  const map = Object.create(null) as Record<string, string>
  for (const { name, values } of grouped(list).values()) map[name] = values.join(',')
  return map
}

function isJson(text: string): boolean {
  return /^\s*[[{]/.test(text)
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(3)}s`
}
