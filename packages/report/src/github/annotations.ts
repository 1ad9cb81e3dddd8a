import type { RunResult, TestResult } from '@keploy-framework/format'

import { plural } from '../text/numbers.ts'
import { valueText } from '../text/value.ts'
import { visible, visibleLines } from '../text/visible.ts'
import { truncate } from '../text/width.ts'
import { commandMessage, commandProperty } from './escape.ts'

// GitHub shows ten errors per step and drops the rest; the tenth says how many there are.
const SHOWN = 9
const VALUE_COLUMNS = 200

/** Workflow commands that mark the files of the tests that did not pass. */
export function annotations(result: RunResult, sets: string): string[] {
  const all = result.sets.flatMap((set) => set.tests)
  const failed = all.filter((test) => test.status === 'failed' || test.status === 'blocked')
  const flaky = all.filter((test) => test.status === 'flaky')
  const lines = failed.slice(0, SHOWN).map((test) => command('error', test, sets, reasons(test)))
  if (failed.length > SHOWN) {
    lines.push(`::error title=keploy-framework::and ${plural(failed.length - SHOWN, 'test')} more; see the job summary`)
  }
  const passedLate = (test: TestResult) => `Passed only at attempt ${test.attempts}.`
  return [...lines, ...flaky.slice(0, SHOWN).map((test) => command('warning', test, sets, passedLate(test)))]
}

function command(level: 'error' | 'warning', test: TestResult, sets: string, message: string): string {
  const file = commandProperty(visible(sets === '' ? test.file : `${sets}/${test.file}`))
  const title = commandProperty(visible(`${test.method} ${test.path} ${test.status}`.trimStart()))
  return `::${level} file=${file},line=1,title=${title}::${commandMessage(message)}`
}

function reasons(test: TestResult): string {
  return test.failures
    .map((failure) => {
      const where = failure.path === '' ? '' : `${visible(failure.path)}: `
      const values =
        'expected' in failure || 'actual' in failure
          ? `\n  expected ${short(failure.expected)}\n  got ${short(failure.actual)}`
          : ''
      return `${where}${visibleLines(failure.message).join('\n')}${values}`
    })
    .join('\n')
}

function short(value: unknown): string {
  return truncate(visible(valueText(value)), VALUE_COLUMNS)
}
