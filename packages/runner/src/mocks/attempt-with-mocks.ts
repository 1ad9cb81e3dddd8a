import type { Failure, TestCase, Value } from '@keploy-framework/format'

import { attemptTest } from '../run/attempt-test.ts'
import type { Attempt, SetContext } from '../run/set-context.ts'
import { shown, type MissedCall } from './describe-miss.ts'

/** One try of a test, whose calls are answered from the recording where there is one: what none answers fails it. */
export async function attemptWithMocks(test: TestCase, context: SetContext): Promise<Attempt> {
  const { mocks } = context
  if (mocks === undefined) return await attemptTest(test, context)
  // What the test is answered may depend on it, as it did in the recording.
  await mocks.settle(test.request.timestamp)
  mocks.begin(test.name, context.table)
  const attempt = await attemptTest(test, context)
  const { served, misses, llm } = mocks.end(test.name)
  const calls = { served, missed: misses.length, ...(llm !== undefined && { llm }) }
  if (misses.length === 0) return { ...attempt, calls }
  const blocked = misses.every(({ reason }) => reason === 'secret') && attempt.status !== 'passed'
  const accept = [
    'keploy-framework',
    'test',
    '--mocks',
    'record-missing',
    '--tests',
    test.name,
    ...context.acceptArguments,
  ]
  // The call comes first: what is wrong with the answer follows from it.
  const failures = [...misses.map((miss) => failureOf(miss, blocked, accept)), ...attempt.failures]
  return { ...attempt, status: blocked ? 'blocked' : 'failed', failures, calls }
}

function failureOf(miss: MissedCall, blocked: boolean, accept: readonly string[]): Failure {
  const [first] = miss.differences
  return {
    kind: blocked ? 'blocked' : 'dependency',
    path: first === undefined || first.path === '' ? miss.dependency : `${miss.dependency} ${first.path}`,
    ...(first !== undefined && { expected: plain(first.recorded), actual: plain(first.live) }),
    message: blocked
      ? miss.message
      : ['no recorded call answers it', ...miss.lines, `accept: ${accept.map(quoted).join(' ')}`].join('\n'),
  }
}

function plain(value: Value | undefined): unknown {
  return typeof value === 'string' || typeof value === 'number' ? value : shown(value)
}

/** For a shell: names of tests come from files. */
function quoted(name: string): string {
  return /^[\w.@/:=,-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`
}
