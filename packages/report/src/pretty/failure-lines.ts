import type { Failure, TestResult } from '@keploy-framework/format'

import { diffLines } from '../text/diff-lines.ts'
import { valueText } from '../text/value.ts'
import { visible, visibleLines } from '../text/visible.ts'
import { truncate, wrap } from '../text/width.ts'
import type { PrettyContext } from './lines.ts'

const INDENT = '      '
const FAILURES_SHOWN = 10
const DIFF_LINES_SHOWN = 20
const VALUE_LINES_SHOWN = 3
const CONTEXT_LINES = 2

/** Why a test did not pass: each failure with where, expected, got and the reason. */
export function failureLines(test: TestResult, context: PrettyContext): string[] {
  const shown = context.verbose ? test.failures : test.failures.slice(0, FAILURES_SHOWN)
  const missed = shown.some(({ kind }) => kind === 'dependency')
  const lines = shown.flatMap((failure) => {
    if (failure.kind === 'dependency') return missedCall(failure, context)
    // What is wrong with the answer follows from the call that had none, and often repeats its error.
    return missed && !context.verbose ? consequence(failure, context) : oneFailure(failure, context)
  })
  const left = test.failures.length - shown.length
  if (left > 0) lines.push(`${INDENT}${context.paint('dim', `and ${left} more; --verbose shows them all`)}`)
  return lines
}

function oneFailure(failure: Failure, context: PrettyContext): string[] {
  const { paint, width } = context
  const lines = [`${INDENT}${paint('bold', truncate(visible(failure.path || failure.kind), width - 6, 'middle'))}`]
  if (isText(failure.expected) && isText(failure.actual))
    lines.push(...textDiff(failure.expected, failure.actual, context))
  else if ('expected' in failure || 'actual' in failure) {
    lines.push(...labelled('expected', valueText(failure.expected), 'good', context))
    lines.push(...labelled('got', valueText(failure.actual), 'bad', context))
  }
  lines.push(...labelled('reason', failure.message, undefined, context, true))
  return lines
}

/** A call that nothing answered: its message says in labelled lines what was asked and what comes nearest. */
function missedCall({ path, message }: Failure, context: PrettyContext): string[] {
  const lines = [`${INDENT}${context.paint('bold', truncate(visible(path), context.width - 6, 'middle'))}`]
  for (const line of message.split('\n')) {
    const [, label, text] = /^([a-z]+): (.*)$/.exec(line) ?? [undefined, 'reason', line]
    lines.push(...labelled(label ?? '', text ?? '', label === 'differs' ? 'bad' : undefined, context, true))
  }
  return lines
}

function consequence({ path, kind, expected, actual, message }: Failure, context: PrettyContext): string[] {
  const text =
    expected === undefined && actual === undefined ? message : `expected ${oneLine(expected)}, got ${oneLine(actual)}`
  const shown = truncate(visible(`${path || kind}: ${text}`), context.width - INDENT.length)
  return [`${INDENT}${context.paint('dim', shown)}`]
}

function oneLine(value: unknown): string {
  return valueText(value).replaceAll(/\s+/g, ' ')
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.includes('\n')
}

function labelled(
  label: string,
  text: string,
  tone: 'good' | 'bad' | undefined,
  context: PrettyContext,
  whole = false,
): string[] {
  const columns = context.width - INDENT.length - 12
  // A value is cut after three lines; a reason never is.
  const cut = !whole && !context.verbose
  // A value stands on lines that are full; the lines of a reason, a stack for example, are kept.
  const lines = cut
    ? wrap(truncate(visible(text), columns * VALUE_LINES_SHOWN), columns)
    : (whole ? visibleLines(text) : [visible(text)]).flatMap((line) => wrap(line, columns))
  if (cut && lines.length > VALUE_LINES_SHOWN) {
    lines.splice(VALUE_LINES_SHOWN, lines.length, '…')
  }
  return lines.map((line, index) => {
    const head = index === 0 ? label.padEnd(10) : ' '.repeat(10)
    return `${INDENT}  ${context.paint('dim', head)}${tone ? context.paint(tone, line) : line}`
  })
}

function textDiff(expected: string, actual: string, context: PrettyContext): string[] {
  const { paint, width } = context
  const left = visibleLines(expected)
  const right = visibleLines(actual)
  const edits = diffLines(left, right)
  const near = nearChanges(edits.map((edit) => edit.type !== 'same'))
  const lines = [`${INDENT}  ${paint('good', '- expected')}  ${paint('bad', '+ got')}`]
  let skipping = false
  for (const [index, edit] of edits.entries()) {
    if (!near[index]) {
      if (!skipping) lines.push(`${INDENT}  ${paint('dim', '…')}`)
      skipping = true
      continue
    }
    skipping = false
    const room = width - INDENT.length - 4
    if (edit.type === 'same') lines.push(`${INDENT}    ${truncate(left[edit.left] ?? '', room)}`)
    else if (edit.type === 'removed') lines.push(paintLine('good', '-', left[edit.left], room, paint))
    else lines.push(paintLine('bad', '+', right[edit.right], room, paint))
  }
  if (context.verbose || lines.length <= DIFF_LINES_SHOWN) return lines
  const more = `and ${lines.length - DIFF_LINES_SHOWN} more lines; --verbose shows them all`
  return [...lines.slice(0, DIFF_LINES_SHOWN), `${INDENT}  ${paint('dim', more)}`]
}

function paintLine(
  tone: 'good' | 'bad',
  sign: string,
  line: string | undefined,
  room: number,
  paint: PrettyContext['paint'],
): string {
  return `${INDENT}  ${paint(tone, `${sign} ${truncate(line ?? '', room)}`)}`
}

function nearChanges(changed: readonly boolean[]): boolean[] {
  const near = changed.map(() => false)
  for (const [index, isChange] of changed.entries()) {
    if (!isChange) continue
    for (let i = Math.max(0, index - CONTEXT_LINES); i <= index + CONTEXT_LINES && i < near.length; i += 1)
      near[i] = true
  }
  return near
}
