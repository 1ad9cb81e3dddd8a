import type { BoundValue, TestResult } from '@keploy-framework/format'

import { count, plural } from '../text/numbers.ts'
import { visible } from '../text/visible.ts'
import { textWidth, truncate, wrap } from '../text/width.ts'
import type { PrettyContext } from './lines.ts'

const BOUND_SHOWN = 5

/** With `--verbose`: every value that a test bound or met again, and every rule that let a difference pass. */
export function allowedByTest(test: TestResult, context: PrettyContext): string[] {
  const lines = test.bound.flatMap((value) => boundLines(value, context, '      bound  '))
  for (const { path, rule } of test.rules) {
    lines.push(...wrapped('      allowed  ', `${visible(path)} by ${visible(rule)}`, context))
  }
  return lines
}

/** What was bound to what over the whole run, and how often each rule let a difference pass. */
export function allowedByRun(tests: readonly TestResult[], context: PrettyContext): string[] {
  const bound = new Map<string, BoundValue>()
  const rules = new Map<string, number>()
  for (const test of tests) {
    for (const value of test.bound) {
      const key = `${value.recorded}\n${value.live}`
      if (!bound.has(key)) bound.set(key, value)
    }
    for (const { rule } of test.rules) rules.set(rule, (rules.get(rule) ?? 0) + 1)
  }
  return [...boundSummary([...bound.values()], context), ...ruleSummary(rules, context)]
}

function boundSummary(values: readonly BoundValue[], context: PrettyContext): string[] {
  if (values.length === 0) return []
  const shown = context.verbose ? values : values.slice(0, BOUND_SHOWN)
  const lines = ['', `${plural(values.length, 'recorded value')} bound to live ones`]
  for (const value of shown) lines.push(...boundLines(value, context, '  '))
  if (shown.length < values.length) {
    lines.push(`  ${context.paint('dim', `and ${count(values.length - shown.length)} more; --verbose shows them all`)}`)
  }
  return lines
}

function boundLines(value: BoundValue, context: PrettyContext, indent: string): string[] {
  const { paint, width } = context
  const room = Math.floor((width - indent.length - 3) / 2)
  const hang = ' '.repeat(indent.length + 2)
  const columns = width - hang.length
  const origin = wrap(`${visible(value.form)}, first at ${visible(value.where)}`, columns).map(
    (line) => hang + paint('dim', line),
  )
  const fits = textWidth(visible(value.recorded)) <= room && textWidth(visible(value.live)) <= room
  if (context.verbose && !fits) {
    const live = wrap(`→ ${visible(value.live)}`, columns).map((line) => hang + paint('accent', line))
    return [...wrapped(indent, visible(value.recorded), context), ...live, ...origin]
  }
  return [`${indent}${short(value.recorded, room)} → ${paint('accent', short(value.live, room))}`, ...origin]
}

function ruleSummary(rules: ReadonlyMap<string, number>, context: PrettyContext): string[] {
  if (rules.size === 0) return []
  const total = [...rules.values()].reduce((sum, times) => sum + times, 0)
  const listed = [...rules].map(([rule, times]) => `${visible(rule)} (${count(times)})`).join(' · ')
  return ['', `${plural(total, 'difference')} allowed by rules`, ...wrapped('  ', listed, context)]
}

function wrapped(indent: string, text: string, context: PrettyContext): string[] {
  const hang = ' '.repeat(indent.length)
  return wrap(text, context.width - indent.length).map((line, index) => (index === 0 ? indent : hang) + line)
}

function short(text: string, columns: number): string {
  return truncate(visible(text), columns, 'middle')
}
