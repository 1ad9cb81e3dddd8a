import type { TestResult } from '@keploy-framework/format'

import { countTests, groupBySuite } from '../suites.ts'
import { count, duration, plural } from '../text/numbers.ts'
import { visible } from '../text/visible.ts'
import { padEnd, truncate } from '../text/width.ts'
import { allowedByTest } from './allowed-lines.ts'
import { failureLines } from './failure-lines.ts'
import type { PrettyContext } from './lines.ts'
import { STATUS_LOOK, testLines } from './test-line.ts'
import { splitUnrun, unrunLines } from './unrun-lines.ts'

// A suite of so many tests, all passed, is one line: its list would push what matters off the screen.
const LISTED = 100

/** The tests of a set by suite, with the reasons of those that did not pass. */
export function setLines(set: string, tests: readonly TestResult[], context: PrettyContext): string[] {
  const folder = folderOf(tests)
  const title = truncate(`${visible(set)}${folder === '' ? '' : `  ${folder}`}`, context.width, 'middle')
  const lines: string[] = []
  for (const [suite, members] of groupBySuite(tests)) lines.push(...suiteLines(suite, members, context))
  return lines.length === 0 ? [] : ['', context.paint('bold', title), ...lines]
}

function suiteLines(suite: string, tests: readonly TestResult[], context: PrettyContext): string[] {
  const counts = countTests(tests)
  const allPassed = counts.failed + counts.blocked + counts.skipped + counts.flaky === 0
  if (context.quiet && allPassed) return []
  const { paint, width } = context
  if (allPassed && !context.verbose && tests.length > LISTED) {
    const took = tests.reduce((sum, test) => sum + test.durationMs, 0)
    const tail = `${plural(tests.length, 'test')} passed  ${duration(took)}`
    const name = padEnd(truncate(visible(suite), width - tail.length - 6), width - tail.length - 6)
    return ['', `  ${paint('good', STATUS_LOOK.passed.mark)} ${name}  ${tail}`]
  }
  const ratio = `${count(counts.passed)} of ${count(counts.total)} passed`
  const name = truncate(visible(suite), width - ratio.length - 4)
  const lines = ['', `  ${paint('bold', name)}  ${paint('dim', ratio)}`]
  const { unrun, others } = splitUnrun(tests)
  for (const [reason, members] of unrun) lines.push(...unrunLines(reason, members, context))
  for (const test of others) {
    if (context.quiet && (test.status === 'passed' || test.status === 'skipped')) continue
    lines.push(...testLines(test, context), ...failureLines(test, context))
    if (context.verbose) lines.push(...allowedByTest(test, context))
  }
  return lines
}

function folderOf(tests: readonly TestResult[]): string {
  const file = tests[0]?.file ?? ''
  return visible(file.slice(0, Math.max(0, file.lastIndexOf('/'))))
}
