import { setTimeout as pause } from 'node:timers/promises'

import type { TestCase, TestResult } from '@keploy-framework/format'

import { attemptWithMocks as attemptTest } from '../mocks/attempt-with-mocks.ts'
import type { PlannedTest } from '../plan/plan-run.ts'
import type { ReadTest } from '../plan/set-source.ts'
import type { HttpSender } from '../send/http-sender.ts'
import { resultOf, unreadable, withoutRun, type ResultOptions } from './result-of.ts'
import type { Attempt, SetContext } from './set-context.ts'

/** Between two looks at an answer that may still become the recorded one, in milliseconds. */
const AGAIN_MS = 100

export interface TestRunnerOptions extends ResultOptions {
  readonly retries: number
  read(index: number): ReadTest | Promise<ReadTest>
  /** The tests before this one that share values with it, in order. */
  chainBefore(name: string): Promise<readonly number[]>
  /** A context in which nothing is bound yet. */
  fresh(sender: HttpSender): Promise<SetContext>
}

export interface RanTest {
  readonly result: TestResult
  /** Set when the test's chain was repeated: the rest of the chain belongs into this context. */
  readonly repeated?: SetContext
}

/** Runs one planned test to its verdict, with retries. */
export async function runTest(planned: PlannedTest, context: SetContext, options: TestRunnerOptions): Promise<RanTest> {
  const read = options.read(planned.index)
  const { test, issues } = read instanceof Promise ? await read : read
  const problem = issues.find((issue) => issue.severity === 'error')
  if (test === undefined || problem !== undefined) {
    return { result: unreadable(planned, context.set, options.fileOf(planned), problem) }
  }
  if (test.annotations.skip) {
    return { result: withoutRun(planned, context.set, options.fileOf(planned), 'skipped') }
  }
  let attempt = await attemptWithin(test, context)
  let attempts = 1
  let repeated: SetContext | undefined
  while (attempts <= options.retries && isWorthRetrying(attempt)) {
    attempt.rollback()
    context.mocks?.restore(test.name)
    const before = await options.chainBefore(test.name)
    if (before.length > 0) repeated = await repeatChain(before, context, options)
    attempt = await attemptWithin(test, repeated ?? context)
    attempts += 1
  }
  // What a failed test has bound is kept: tests that follow need the live values, not another failure.
  const result = resultOf(planned, attempt, attempts, context, options)
  return repeated === undefined ? { result } : { result, repeated }
}

/**
 * Runs the earlier tests of a chain again, so that a retry meets fresh values. Their verdicts stay what they were.
 * Values of other chains are not touched.
 */
async function repeatChain(
  before: readonly number[],
  context: SetContext,
  options: TestRunnerOptions,
): Promise<SetContext> {
  const fresh = await options.fresh(context.sender)
  for (const index of before) {
    const { test } = await options.read(index)
    if (test !== undefined) await attemptWithin(test, fresh)
  }
  return fresh
}

/**
 * Sends a test again as long as its answer may still become what was recorded: the service works on after it has answered,
 * and reading changes nothing. With mocks nothing is waited for here, as they say what comes next.
 */
async function attemptWithin(test: TestCase, context: SetContext): Promise<Attempt> {
  const { withinMs = 0 } = test.annotations
  const deadline = performance.now() + withinMs
  for (;;) {
    const attempt = await attemptTest(test, context)
    const mayCome = withinMs > 0 && context.mocks === undefined && ['GET', 'HEAD'].includes(test.request.method)
    if (!mayCome || !isWorthRetrying(attempt) || performance.now() >= deadline) return attempt
    attempt.rollback()
    await pause(AGAIN_MS)
  }
}

/** A test that can't be sent, or a service that is gone, will not be better next time. */
function isWorthRetrying({ status, failures }: Attempt): boolean {
  return status === 'failed' && !failures.some(({ kind }) => kind === 'invalid-test' || kind === 'crashed')
}
