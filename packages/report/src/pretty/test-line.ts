import type { TestResult, TestStatus } from '@keploy-framework/format'

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

/** A test on one line, or on two when its file does not fit beside the path. */
export function testLines(test: TestResult, context: PrettyContext): string[] {
  const { paint, width } = context
  const look = STATUS_LOOK[test.status]
  const verdict = test.status === 'flaky' ? `flaky, ${test.attempts} attempts` : test.status
  const right = `${verdict}${padStart(test.status === 'skipped' ? '' : duration(test.durationMs), 8)}`
  const method = padEnd(truncate(visible(test.method), 7), 7)
  const room = width - textWidth(`  ${look.mark} ${method} `) - textWidth(right) - 2
  const file = visible(test.file)
  const name = file.slice(file.lastIndexOf('/') + 1)
  const path = visible(test.path)
  // A test whose file can't be read has no path.
  const before = path === '' ? '' : `${path}  `
  const fits = textWidth(before) + textWidth(name) <= room
  const left = fits ? `${before}${paint('dim', name)}` : truncate(path, room, 'middle')
  const gap = ' '.repeat(Math.max(0, room - textWidth(fits ? before + name : left)) + 2)
  const first = `  ${paint(look.tone, look.mark)} ${method} ${left}${gap}${paint(look.tone, verdict)}${right.slice(verdict.length)}`
  return fits ? [first] : [first, `            ${paint('dim', truncate(file, width - 12, 'middle'))}`]
}
