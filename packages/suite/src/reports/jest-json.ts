import type { Outcome } from '../model.ts'
import { cleanMessage, cleanName } from './clean.ts'

/**
 * Reads the JSON that Vitest (`--reporter=json`) and Jest (`--json`) write.
 *
 * @param relate the path of a file, absolute in the report, as in `TestFile`
 * @returns nothing when it is no such report
 */
export function readJestJson(text: string, relate: (file: string) => string): Outcome[] | undefined {
  let report: unknown
  try {
    report = JSON.parse(text)
  } catch {
    return undefined
  }
  const files = field(report, 'testResults')
  if (!Array.isArray(files)) return undefined
  const outcomes: Outcome[] = []
  for (const file of files) {
    const path = relate(textOf(file, 'name'))
    const tests = field(file, 'assertionResults')
    const list = Array.isArray(tests) ? tests : []
    for (const test of list) outcomes.push(outcomeOf(test, path))
    // A file that could not be loaded has no tests, and says why.
    const broken = textOf(file, 'status') === 'failed' && !list.some((test) => textOf(test, 'status') === 'failed')
    if (broken) {
      const message = cleanMessage(textOf(file, 'message') || 'The file failed, and the runner did not say why.')
      outcomes.push({ path, name: '(file)', status: 'failed', durationMs: 0, message })
    }
  }
  return outcomes
}

function outcomeOf(test: unknown, path: string): Outcome {
  const above = field(test, 'ancestorTitles')
  const titles = [...(Array.isArray(above) ? above : []), field(test, 'title')].filter(
    (each) => typeof each === 'string',
  )
  const status = textOf(test, 'status')
  const messages = field(test, 'failureMessages')
  const duration = field(test, 'duration')
  return {
    path,
    name: cleanName(titles.filter((title) => title !== '').join(' > ')),
    // Anything that is neither passed nor skipped has failed: pending, todo and disabled were not run.
    status: status === 'passed' ? 'passed' : isSkipped(status) ? 'skipped' : 'failed',
    durationMs: typeof duration === 'number' && duration >= 0 ? duration : 0,
    message: cleanMessage(
      Array.isArray(messages) ? messages.filter((each) => typeof each === 'string').join('\n') : '',
    ),
  }
}

function isSkipped(status: string): boolean {
  return ['skipped', 'pending', 'todo', 'disabled'].includes(status)
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined
}

function textOf(value: unknown, name: string): string {
  const found = field(value, name)
  return typeof found === 'string' ? found : ''
}
