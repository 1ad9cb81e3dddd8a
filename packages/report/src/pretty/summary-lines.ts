import type { RunResult, RunStatus } from '@keploy-framework/format'

import { llmUseText, totalLlmUse } from '../llm-use.ts'
import { mockUseText } from '../mock-use.ts'
import { type SuiteSummary, summarizeSuites } from '../suites.ts'
import { count, duration, percent, plural } from '../text/numbers.ts'
import type { Tone } from '../text/paint.ts'
import { visible } from '../text/visible.ts'
import { padEnd, padStart, textWidth, truncate } from '../text/width.ts'
import type { PrettyContext } from './lines.ts'

const WORDS: Record<RunStatus, { readonly text: string; readonly tone: Tone }> = {
  passed: { text: 'PASSED', tone: 'good' },
  failed: { text: 'FAILED', tone: 'bad' },
  'timed-out': { text: 'TIMED OUT', tone: 'bad' },
  interrupted: { text: 'INTERRUPTED', tone: 'warn' },
}

/**
 * The outcome of a run on one line.
 *
 * @example
 * summaryLine(result) // 'PASSED  9 of 9 passed (100.0 %) in 1.2 s'
 */
export function summaryLine(result: RunResult): string {
  return `${WORDS[result.status].text}  ${counts(result)}`
}

/** The pass rates of the suites, then the totals, then the outcome. */
export function summaryLines(result: RunResult, context: PrettyContext): string[] {
  const { paint } = context
  const { summary } = result
  const lines = ['']
  if (!context.quiet && summary.total > 0) lines.push(...suiteTable(summarizeSuites(result), context), '')
  lines.push(`Total    ${count(summary.total)}`)
  lines.push(share('Passed', summary.passed + summary.flaky, summary.total))
  lines.push(share('Failed', summary.failed, summary.total))
  if (summary.blocked > 0) lines.push(share('Blocked', summary.blocked, summary.total))
  if (summary.skipped > 0) lines.push(share('Skipped', summary.skipped, summary.total))
  if (summary.flaky > 0) lines.push(`Flaky    ${count(summary.flaky)}, passed after a retry`)
  const mocks = mockUseText(result)
  if (mocks !== undefined) lines.push(`Mocks    ${mocks}`)
  const llm = totalLlmUse(result)
  if (llm !== undefined) lines.push(`LLM      ${llmUseText(llm)}`)
  const { text, tone } = WORDS[result.status]
  return [...lines, '', `${paint(tone, text)}  ${counts(result)}`]
}

function counts({ summary }: RunResult): string {
  const passed = summary.passed + summary.flaky
  if (summary.total === 0) return 'nothing was run'
  const whole = summary.total - summary.skipped
  const skipped = summary.skipped > 0 ? `, ${count(summary.skipped)} skipped` : ''
  return `${count(passed)} of ${plural(whole, 'test')} passed (${percent(passed, whole)})${skipped} in ${duration(summary.durationMs)}`
}

function share(label: string, part: number, whole: number): string {
  return `${label.padEnd(8)} ${count(part)} (${percent(part, whole)})`
}

function suiteTable(suites: readonly SuiteSummary[], { paint, width }: PrettyContext): string[] {
  const heads = ['Tests', 'Passed', 'Failed', 'Other', 'Pass rate']
  const nameColumns = Math.max(
    10,
    Math.min(width - 44, Math.max(5, ...suites.map(({ name }) => textWidth(visible(name))))),
  )
  const row = (name: string, cells: readonly string[]) =>
    padEnd(truncate(name, nameColumns), nameColumns) +
    cells.map((cell, index) => padStart(cell, index === 4 ? 12 : 8)).join('')
  return [
    paint('dim', row('Suite', heads)),
    ...suites.map((suite) => {
      const other = suite.blocked + suite.skipped
      const ran = suite.total - suite.skipped
      const line = row(visible(suite.name), [
        ...[suite.total, suite.passed, suite.failed, other].map(count),
        ran === 0 ? '–' : percent(suite.passed, ran),
      ])
      return suite.failed + suite.blocked > 0 ? paint('bad', line) : line
    }),
  ]
}
