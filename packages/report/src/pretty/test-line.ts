import type { TestResult, TestStatus } from '@keploy-framework/format'

import { llmUseText } from '../llm-use.ts'
import { duration } from '../text/numbers.ts'
import type { Tone } from '../text/paint.ts'
import { visible } from '../text/visible.ts'
import { padEnd, padStart, textWidth, truncate } from '../text/width.ts'
import type { PrettyContext } from './lines.ts'

/** How each status looks: a mark and a colour. The word is always printed beside them. */
export const STATUS_LOOK: Record<TestStatus, { readonly mark: string; readonly tone: Tone }> = {
  passed: { mark: '✓', tone: 'good' },
  failed: { mark: '✗', tone: 'bad' },
  blocked: { mark: '■', tone: 'warn' },
  skipped: { mark: '○', tone: 'dim' },
  flaky: { mark: '~', tone: 'warn' },
}

/** A test on one line, and on a second one its file, where it does not fit, and what language models were asked. */
export function testLines(test: TestResult, context: PrettyContext): string[] {
  const { paint, width } = context
  const look = STATUS_LOOK[test.status]
  const verdict = test.status === 'flaky' ? `flaky, ${test.attempts} attempts` : test.status
  const right = `${verdict}${padStart(test.status === 'skipped' ? '' : duration(test.durationMs), 8)}`
  // Tests that send no request, such as unit tests, have no method.
  const method = test.method === '' ? '' : `${padEnd(truncate(visible(test.method), 7), 7)} `
  const room = width - textWidth(`  ${look.mark} ${method}`) - textWidth(right) - 2
  const file = visible(test.file)
  const name = file.slice(file.lastIndexOf('/') + 1)
  const path = visible(test.path)
  // A test whose file can't be read has no path.
  const before = path === '' ? '' : `${path}  `
  const fits = textWidth(before) + textWidth(name) <= room
  const left = fits ? `${before}${paint('dim', name)}` : truncate(path, room, 'middle')
  const gap = ' '.repeat(Math.max(0, room - textWidth(fits ? before + name : left)) + 2)
  const first = `  ${paint(look.tone, look.mark)} ${method}${left}${gap}${paint(look.tone, verdict)}${right.slice(verdict.length)}`
  const more = fits ? [] : [`            ${paint('dim', truncate(file, width - 12, 'middle'))}`]
  const llm = test.calls?.llm
  if (llm !== undefined) more.push(`            ${paint('dim', truncate(`LLM: ${llmUseText(llm)}`, width - 12))}`)
  return [first, ...more]
}
