import type { Failure, RunResult, TestResult } from '@keploy-framework/format'

import type { RunNotice } from '../collector.ts'
import { groupBySuite, suiteOf, titleOf } from '../suites.ts'
import { valueText } from '../text/value.ts'
import { startTag, xmlText } from './xml-text.ts'

/** What a JUnit document can hold beside the result. */
export interface JunitOptions {
  /** Become the document's `system-err`. */
  readonly notices?: readonly RunNotice[]
}

/**
 * A result as JUnit XML, as CI systems read it: a `testsuite` per set and suite, a `testcase` per test. A test that could not
 * be carried out (blocked, refused, timed out) is an `error`, one with a wrong answer a `failure`.
 *
 * @example
 * await writeFile('junit.xml', renderJunit(result))
 */
export function renderJunit(result: RunResult, options: JunitOptions = {}): string {
  return [...junitParts(result, options)].join('')
}

/** The same in pieces of one test each. */
export function* junitParts(result: RunResult, { notices = [] }: JunitOptions = {}): Generator<string> {
  const { summary } = result
  const all = result.sets.flatMap((set) => set.tests)
  yield '<?xml version="1.0" encoding="UTF-8"?>\n'
  yield `${startTag('testsuites', { name: 'keploy-framework', ...counts(all), time: seconds(summary.durationMs) })}>\n`
  let id = 0
  for (const set of result.sets) {
    for (const [suite, tests] of groupBySuite(set.tests)) {
      yield* suiteParts(`${set.name}: ${suite}`, tests, id)
      id += 1
    }
  }
  if (notices.length > 0) yield* noticeParts(notices, id)
  yield '</testsuites>\n'
}

function* suiteParts(name: string, tests: readonly TestResult[], id: number): Generator<string> {
  const time = seconds(tests.reduce((sum, test) => sum + test.durationMs, 0))
  yield `  ${startTag('testsuite', { name, ...counts(tests), time, id })}>\n`
  for (const test of tests) yield testCase(test)
  yield '  </testsuite>\n'
}

// Notices belong to no test: they get a suite without tests, because a report's root has no place for output.
function* noticeParts(notices: readonly RunNotice[], id: number): Generator<string> {
  yield `  ${startTag('testsuite', { name: 'Notices', ...counts([]), time: '0.000', id })}>\n    <system-err>`
  for (const { level, code, message } of notices) yield xmlText(`${level} ${code}: ${message}\n`)
  yield '</system-err>\n  </testsuite>\n'
}

function testCase(test: TestResult): string {
  const name = test.method === '' ? test.name : `${titleOf(test)} (${test.name})`
  const classname = `${test.set}.${suiteOf(test)}`
  const head = startTag('testcase', { name, classname, time: seconds(test.durationMs), file: test.file })
  return `    ${head}>\n${properties(test)}${outcome(test)}    </testcase>\n`
}

function properties(test: TestResult): string {
  const list: [string, string][] = [['status', test.status]]
  if (test.attempts > 1) list.push(['attempts', String(test.attempts)])
  for (const tag of test.tags) list.push(['tag', tag])
  for (const { recorded, live, form, where } of test.bound)
    list.push(['bound', `${recorded} → ${live} (${form}, ${where})`])
  for (const { path, rule } of test.rules) list.push(['allowed', `${path} by ${rule}`])
  const lines = list.map(([name, value]) => `        ${startTag('property', { name, value })}/>\n`)
  return `      <properties>\n${lines.join('')}      </properties>\n`
}

function outcome(test: TestResult): string {
  if (test.status === 'skipped') return '      <skipped/>\n'
  if (test.status !== 'failed' && test.status !== 'blocked') return ''
  const first = test.failures[0]
  const message = first?.message ?? `The test is ${test.status}.`
  const type = first?.kind ?? test.status
  const body = xmlText(test.failures.map(describe).join('\n\n'))
  const element = isError(test) ? 'error' : 'failure'
  return `      ${startTag(element, { message, type })}>${body}</${element}>\n`
}

const ERROR_KINDS: ReadonlySet<Failure['kind']> = new Set([
  'timeout',
  'refused',
  'crashed',
  'connection',
  'blocked',
  'invalid-test',
])

function isError(test: TestResult): boolean {
  const first = test.failures[0]
  return test.status === 'blocked' || (first !== undefined && ERROR_KINDS.has(first.kind))
}

function describe(failure: Failure): string {
  const lines = [failure.path === '' ? failure.message : `${failure.path}: ${failure.message}`]
  if ('expected' in failure || 'actual' in failure) {
    lines.push(`expected: ${valueText(failure.expected)}`, `got: ${valueText(failure.actual)}`)
  }
  return lines.join('\n')
}

function counts(tests: readonly TestResult[]) {
  const notPassed = tests.filter((test) => test.status === 'failed' || test.status === 'blocked')
  const errors = notPassed.filter(isError).length
  const skipped = tests.filter((test) => test.status === 'skipped').length
  return { tests: tests.length, failures: notPassed.length - errors, errors, skipped }
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}
