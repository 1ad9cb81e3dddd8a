import type { Outcome } from '../model.ts'
import { cleanMessage, cleanName } from './clean.ts'

/**
 * The source of a reporter for `node --test`: one line of JSON for each test, when it has ended. Its own JUnit reporter
 * does not name files.
 */
export const NODE_REPORTER = `const stacks = new Map()
async function* report(source) {
  for await (const { type, data } of source) {
    if (type === 'test:start') {
      const stack = stacks.get(data.file) ?? []
      stack.length = data.nesting
      stack.push(data.name)
      stacks.set(data.file, stack)
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const stack = (stacks.get(data.file) ?? []).slice(0, data.nesting)
    const error = data.details?.error
    const cause = error?.cause
    yield JSON.stringify({
      file: data.file,
      names: [...stack, data.name],
      passed: type === 'test:pass',
      suite: data.details?.type === 'suite',
      skip: data.skip ?? data.todo,
      todo: data.todo !== undefined,
      ms: data.details?.duration_ms,
      failure: error?.failureType,
      message: error && String(cause?.stack ?? cause?.message ?? cause ?? error.stack ?? error.message),
    }) + '\\n'
  }
}
export { report as default }
`

/** Reads what `NODE_REPORTER` wrote. A last line that is cut off, as by a kill, is passed over. */
export function readNodeEvents(text: string, relate: (file: string) => string): Outcome[] {
  return text.split('\n').flatMap((line): Outcome[] => {
    const event = parseLine(line)
    if (event === undefined) return []
    const { file, names = [], passed, suite, skip, todo, ms, failure, message } = event
    // A suite, or a test with tests inside, fails with them: they have said why.
    if (passed !== true && failure === 'subtestsFailed') return []
    if (suite === true && passed === true && skip === undefined) return []
    const path = relate(typeof file === 'string' ? file : '')
    const whole = names.length === 1 && typeof file === 'string' && (names[0] === file || file.endsWith(`/${names[0]}`))
    const skipped = (skip !== undefined && skip !== false && passed === true) || todo === true
    return [
      {
        path,
        name: whole ? '(file)' : cleanName(names.join(' > ')),
        status: skipped ? 'skipped' : passed === true ? 'passed' : 'failed',
        durationMs: typeof ms === 'number' && ms >= 0 ? ms : 0,
        message: cleanMessage(typeof message === 'string' ? message : typeof skip === 'string' ? skip : ''),
      },
    ]
  })
}

interface NodeLine {
  readonly file?: unknown
  readonly names?: readonly string[]
  readonly passed?: unknown
  readonly suite?: unknown
  readonly skip?: unknown
  readonly todo?: unknown
  readonly ms?: unknown
  readonly failure?: unknown
  readonly message?: unknown
}

function parseLine(line: string): NodeLine | undefined {
  try {
    const value = JSON.parse(line) as unknown
    if (typeof value !== 'object' || value === null) return undefined
    const { names } = value as { names?: unknown }
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? value : undefined
  } catch {
    return undefined
  }
}
