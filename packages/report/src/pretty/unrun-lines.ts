import type { TestResult } from '@keploy-framework/format'

import { count, plural } from '../text/numbers.ts'
import { visible, visibleLines } from '../text/visible.ts'
import { wrap } from '../text/width.ts'
import type { PrettyContext } from './lines.ts'
import { STATUS_LOOK } from './test-line.ts'

const NAMES_SHOWN = 5

/** Tests that one and the same cause kept from being run, by what it says, and all others. */
export function splitUnrun(tests: readonly TestResult[]): {
  readonly unrun: ReadonlyMap<string, readonly TestResult[]>
  readonly others: readonly TestResult[]
} {
  const unrun = new Map<string, TestResult[]>()
  const others: TestResult[] = []
  for (const test of tests) {
    const reason = causeOf(test)
    const members = reason === undefined ? others : unrun.get(reason)
    if (members) members.push(test)
    else if (reason !== undefined) unrun.set(reason, [test])
  }
  return { unrun, others }
}

/** A service that is not there, or a failed hook, is said once for all tests that it kept from being run. */
export function unrunLines(reason: string, tests: readonly TestResult[], context: PrettyContext): string[] {
  const { paint, width, verbose } = context
  const look = STATUS_LOOK[tests[0]?.status ?? 'failed']
  const were = tests.length === 1 ? 'was' : 'were'
  const told = visibleLines(`${plural(tests.length, 'test')} ${were} not run: ${reason}`)
  const head = told.flatMap((line) => wrap(line, width - 4))
  const shown = verbose ? tests : tests.slice(0, NAMES_SHOWN)
  const left = tests.length - shown.length
  const names = shown.map(({ name }) => visible(name)).join(', ') + (left > 0 ? ` and ${count(left)} more` : '')
  return [
    ...head.map((line, index) => (index === 0 ? `  ${paint(look.tone, look.mark)} ${line}` : `    ${line}`)),
    ...wrap(names, width - 6).map((line) => `      ${paint('dim', line)}`),
  ]
}

function causeOf({ attempts, method, failures }: TestResult): string | undefined {
  const [failure] = failures
  if (attempts > 0 || method !== '' || failures.length !== 1 || failure === undefined || failure.path !== '')
    return undefined
  return failure.kind === 'crashed' || failure.kind === 'blocked' ? failure.message : undefined
}
