import type { RunResult, TestResult } from '@keploy-framework/format'

import { llmUseText, totalLlmUse } from '../llm-use.ts'
import { mockUseText } from '../mock-use.ts'
import { summaryLine } from '../pretty/summary-lines.ts'
import { summarizeSuites, titleOf } from '../suites.ts'
import { count, duration, percent } from '../text/numbers.ts'
import { valueText } from '../text/value.ts'
import { visible } from '../text/visible.ts'
import { truncate } from '../text/width.ts'
import { markdownText } from './escape.ts'

// GitHub refuses a summary of more than 1 MiB; steps before may have written some of it.
const LIMIT = 900 * 1024
const VALUE_COLUMNS = 500
const FAILURES_PER_TEST = 20

/**
 * A result as Markdown for a job summary: outcome, pass rate per suite, and the reasons of what did not pass. All text from
 * recordings is escaped for Markdown and HTML.
 *
 * @example
 * await appendFile(summaryFile, stepSummary(result))
 */
export function stepSummary(result: RunResult): string {
  const parts = [
    `## API replay: ${markdownText(summaryLine(result))}\n\n`,
    ...suiteTable(result),
    ...mocks(result),
    ...languageModels(result),
    '\n',
  ]
  const failed = result.sets
    .flatMap((set) => set.tests)
    .filter(({ status }) => status === 'failed' || status === 'blocked')
  let size = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0)
  for (const [index, test] of failed.entries()) {
    const part = failedTest(test)
    size += Buffer.byteLength(part)
    if (size > LIMIT) {
      parts.push(`And ${count(failed.length - index)} more that did not pass.\n`)
      break
    }
    parts.push(part)
  }
  return parts.join('')
}

function suiteTable(result: RunResult): string[] {
  const rows = summarizeSuites(result).map((suite) => {
    const ran = suite.total - suite.skipped
    const cells = [suite.total, suite.passed, suite.failed, suite.blocked + suite.skipped].map(count)
    return `| ${cell(suite.name)} | ${cells.join(' | ')} | ${ran === 0 ? '–' : percent(suite.passed, ran)} |\n`
  })
  return [
    '| Suite | Tests | Passed | Failed | Other | Pass rate |\n',
    '| --- | ---: | ---: | ---: | ---: | ---: |\n',
    ...rows,
  ]
}

function mocks(result: RunResult): string[] {
  const use = mockUseText(result)
  return use === undefined ? [] : [`\nMocks: ${use}\n`]
}

function languageModels(result: RunResult): string[] {
  const use = totalLlmUse(result)
  return use === undefined ? [] : [`\nLanguage models: ${llmUseText(use)}\n`]
}

function failedTest(test: TestResult): string {
  const title = `${cell(titleOf(test))}: ${test.status} in ${duration(test.durationMs)}`
  const lines = test.failures.slice(0, FAILURES_PER_TEST).map((failure) => {
    const where = failure.path === '' ? '' : `${cell(failure.path)}: `
    const values =
      'expected' in failure || 'actual' in failure
        ? `\n  expected  ${value(failure.expected)}\n  got       ${value(failure.actual)}`
        : ''
    return `${where}${failure.message.split('\n').map(cell).join('\n  ')}${values}`
  })
  const left = test.failures.length - lines.length
  if (left > 0) lines.push(`and ${count(left)} more`)
  const file = `<p>${cell(test.file)}</p>`
  return `<details><summary>${title}</summary>${file}<pre>${lines.join('\n')}</pre></details>\n\n`
}

function cell(text: string): string {
  return markdownText(visible(text))
}

function value(content: unknown): string {
  return cell(truncate(visible(valueText(content)), VALUE_COLUMNS))
}
