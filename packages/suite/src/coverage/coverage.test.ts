import { expect, it } from 'vitest'

import { mergeCoverage, summarizeCoverage } from './line-hits.ts'
import { readIstanbul, readLcov } from './read-coverage.ts'
import { codecovJson, lcovText, sonarCoverageXml, sonarTestsXml } from './write-coverage.ts'

const lcov = readLcov(
  'TN:\nSF:src/a.ts\nDA:1,2\nDA:2,0\r\nLF:2\nend_of_record\nDA:9,9\nSF:src/b.ts\nDA:1,0\nend_of_record\n',
)
const istanbul = readIstanbul({
  'src/a.ts': {
    statementMap: { 0: { start: { line: 2 } }, 1: { start: { line: 2 } }, 2: { start: { line: 3 } }, 3: {} },
    s: { 0: 0, 1: 5, 2: 0, 3: 1 },
  },
})

it('adds up lcov and JSON of Istanbul: a line is covered when any part ran it', () => {
  const merged = mergeCoverage([lcov, istanbul])
  expect([...(merged.get('src/a.ts') ?? [])]).toEqual([
    [1, 2],
    [2, 5],
    [3, 0],
  ])
  expect(summarizeCoverage(merged)).toEqual({ lines: 4, covered: 2, percent: 50 })
  expect(summarizeCoverage(new Map())).toEqual({ lines: 0, covered: 0, percent: 0 })
})

it('survives JSON that is no coverage', () => {
  for (const report of [null, [], { a: null }, { a: { statementMap: { 0: null }, s: 1 } }]) {
    expect(summarizeCoverage(readIstanbul(report)).lines).toBe(0)
  }
})

it('writes the formats of lcov, Codecov and SonarQube', () => {
  const merged = mergeCoverage([lcov])
  expect(mergeCoverage([readLcov(lcovText(merged))])).toEqual(merged)
  expect(JSON.parse(codecovJson(merged))).toEqual({ coverage: { 'src/a.ts': { 1: 2, 2: 0 }, 'src/b.ts': { 1: 0 } } })
  expect(sonarCoverageXml(new Map([['a"<.ts', new Map([[1, 0]])]]))).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<coverage version="1">\n  <file path="a&quot;&lt;.ts">\n    <lineToCover lineNumber="1" covered="false"/>\n  </file>\n</coverage>\n',
  )
})

it('writes tests for SonarQube, whatever their names and messages hold', () => {
  const base = {
    set: 'p',
    suite: 'unit',
    file: 'a.test.ts',
    method: '',
    path: '',
    attempts: 1,
    bound: [],
    rules: [],
    tags: [],
  }
  const failures = [{ kind: 'assertion' as const, path: '', message: 'x\n\u0007]]>' }]
  expect(
    sonarTestsXml([
      { ...base, name: 'a & b', status: 'passed', durationMs: 1.6, failures: [] },
      { ...base, name: 'c', status: 'failed', durationMs: 0, failures },
      { ...base, name: 'd', status: 'skipped', durationMs: 0, failures: [] },
    ]),
  ).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n<testExecutions version="1">\n  <file path="a.test.ts">\n' +
      '    <testCase name="a &amp; b" duration="2"/>\n' +
      '    <testCase name="c" duration="0">\n      <failure message="x&#10;\uFFFD]]&gt;">x&#10;\uFFFD]]&gt;</failure>\n    </testCase>\n' +
      '    <testCase name="d" duration="0">\n      <skipped message="The test is skipped."></skipped>\n    </testCase>\n' +
      '  </file>\n</testExecutions>\n',
  )
})
