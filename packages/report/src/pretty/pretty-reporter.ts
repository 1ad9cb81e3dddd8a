import type { RunEvent, TestResult } from '@keploy-framework/format'

import { createCollector } from '../collector.ts'
import { DEFAULT_WIDTH } from '../defaults.ts'
import type { ReporterOptions } from '../options.ts'
import type { RunReporter } from '../run-reporter.ts'
import { createPaint } from '../text/paint.ts'
import { visible } from '../text/visible.ts'
import { truncate } from '../text/width.ts'
import { allowedByRun } from './allowed-lines.ts'
import { type PrettyContext, writeLines } from './lines.ts'
import { noticeLines } from './notice-lines.ts'
import { createProgress } from './progress.ts'
import { setLines } from './set-lines.ts'
import { summaryLines } from './summary-lines.ts'

/** Prints a run for people: steps as they come, each set when it is finished, then the summary. */
export function createPrettyReporter(options: ReporterOptions): RunReporter {
  const context: PrettyContext = {
    paint: createPaint(options.color ?? false),
    width: Math.max(40, options.width ?? DEFAULT_WIDTH),
    verbose: options.verbose ?? false,
    quiet: options.quiet ?? false,
  }
  const live = !context.quiet && (options.live ?? options.stderr.isTTY ?? false)
  const progress = context.quiet ? undefined : createProgress(options.stderr, { live, width: context.width })
  const collector = createCollector()
  let afterSet = false
  const waiting = new Map<string, TestResult[]>()
  const print = (lines: readonly string[]) => {
    if (lines.length === 0) return
    progress?.clear()
    writeLines(options.stdout, lines)
  }
  const printSet = (set: string) => {
    const tests = waiting.get(set)
    waiting.delete(set)
    const lines = tests ? setLines(set, tests, context) : []
    print(lines)
    afterSet ||= lines.length > 0
  }
  return {
    name: 'pretty',
    files: [],
    onEvent(event) {
      collector.add(event)
      const lines = eventLines(event, context)
      print(afterSet && lines.length > 0 ? ['', ...lines] : lines)
      if (lines.length > 0) afterSet = false
      if (event.type === 'test-finished') {
        const tests = waiting.get(event.result.set)
        if (tests) tests.push(event.result)
        else waiting.set(event.result.set, [event.result])
      } else if (event.type === 'set-finished') printSet(event.set)
      progress?.onEvent(event)
    },
    finish() {
      for (const set of waiting.keys()) printSet(set)
      const result = collector.result()
      const tests = result.sets.flatMap((set) => set.tests)
      if (!context.quiet) print(allowedByRun(tests, context))
      print(summaryLines(result, context))
      return Promise.resolve()
    },
  }
}

function eventLines(event: RunEvent, context: PrettyContext): string[] {
  const { paint, width, quiet } = context
  if (event.type === 'notice') return quiet && event.level === 'info' ? [] : noticeLines(event, context)
  if (quiet) return []
  if (event.type === 'step') {
    const step = `Step ${event.index}/${event.total}: `
    return [`${paint('accent', step.trimEnd())} ${truncate(visible(event.title), width - step.length)}`]
  }
  if (event.type === 'run-started')
    return [paint('bold', truncate(visible(event.title ?? `Replaying against ${event.target}`), width, 'middle'))]
  return []
}
