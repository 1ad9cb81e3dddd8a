import type { AppliedRule, BoundValue, Failure, TestCase, TestResult, TestStatus } from '@keploy-framework/format'
import type { BindingTable, NoiseMatcher } from '@keploy-framework/match'
import type { ActualResponse, CompareOptions } from '@keploy-framework/validator'

import type { MockSession } from '../mocks/mock-session.ts'
import type { HttpSender } from '../send/http-sender.ts'
import type { Target } from '../send/target.ts'
import type { TemplateLookup } from '../text/templates.ts'

/** What every test of one set shares. */
export interface SetContext {
  readonly set: string
  readonly directory: string
  readonly target: Target
  readonly recordedHosts: readonly string[]
  readonly sender: HttpSender
  readonly table: BindingTable
  /** Set as long as the set is not known: the context to compare in. */
  readonly known?: Promise<SetContext>
  /** Recorded answers to the calls of the service; absent where it reaches its real dependencies. */
  readonly mocks?: MockSession
  /** See `RunOptions.acceptArguments`. */
  readonly acceptArguments: readonly string[]
  readonly testTimeoutMs: number
  readonly bodyLimit: number
  readonly compare: CompareOptions
  readonly lookup: TemplateLookup
  /** Whether a name in braces is text that happened to be recorded, as the set has no templates. */
  readonly isLiteral: (name: string) => boolean
  noiseOf(test: TestCase): NoiseMatcher
  /** How a person can give a missing value. */
  hint(name: string): string
  /** A secret as a person knows it: its placeholder, what it is, and where it was seen. */
  describeSecret(number: number): string
  /** Tells the run's redactor a live value. */
  learnSecret(number: number, value: string): void
  /** Says how the service ended, when it did. Waits a moment for it: connections break before the process is seen to end. */
  crash(): Promise<string | undefined>
}

/** One try of one test. */
export interface Attempt {
  readonly status: Extract<TestStatus, 'passed' | 'failed' | 'blocked'>
  readonly failures: readonly Failure[]
  readonly bound: readonly BoundValue[]
  readonly rules: readonly AppliedRule[]
  /** The test as it was expected, templates filled. */
  readonly test: TestCase
  readonly actual?: ActualResponse
  readonly durationMs: number
  readonly calls?: TestResult['calls']
  /** Takes back what the try has bound. */
  rollback(): void
}
