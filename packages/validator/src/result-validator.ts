import type { RunResult, TestResult } from '@keploy-framework/format'

import { isPassed, percent, suitePassRates, testsOf } from './pass-rates.ts'
import type { SuitePassRate } from './pass-rates.ts'
import { ValidatorError } from './validator-error.ts'

export interface ResultValidatorOptions {
  /** The least share of tests that must pass, 0 to 1. Default 1. */
  readonly minPassRate?: number
  /** Bars of single suites by name, 0 to 1, beside the one for all. Default none. */
  readonly suites?: Readonly<Record<string, number>>
}

/** How many failures of one test a report lists. */
const LISTED = 5

/**
 * Holds the result of a run against a bar.
 *
 * @example
 * const validator = new ResultValidator({ minPassRate: 0.8, suites: { 'Error Handling': 1 } })
 * validator.assertPassRate(result) // throws a ValidatorError that lists each failed test and why
 */
export class ResultValidator {
  readonly #minPassRate: number
  readonly #suites: ReadonlyMap<string, number>

  /** @throws ValidatorError `KEPLOY_PASS_RATE_RANGE` for a bar outside 0 to 1. */
  constructor({ minPassRate = 1, suites = {} }: ResultValidatorOptions = {}) {
    this.#minPassRate = checkedRate(minPassRate)
    this.#suites = new Map(Object.entries(suites).map(([suite, rate]) => [suite, checkedRate(rate)]))
  }

  /**
   * Passes when the run ended, tested something, and reached every bar.
   *
   * @throws ValidatorError `KEPLOY_RUN_INCOMPLETE`, `KEPLOY_NOTHING_RAN` or `KEPLOY_PASS_RATE`.
   */
  assertPassRate(result: RunResult): void {
    if (result.status === 'interrupted' || result.status === 'timed-out') {
      const message = `The run was ${result.status === 'interrupted' ? 'interrupted' : 'ended by its time limit'}: its pass rate says nothing. Run it again.`
      throw new ValidatorError('KEPLOY_RUN_INCOMPLETE', message)
    }
    const { total, skipped, passRate } = result.summary
    if (total === skipped) {
      const message = `No test ran (${skipped} skipped). Check which sets and tests are selected.`
      throw new ValidatorError('KEPLOY_NOTHING_RAN', message)
    }
    const missed = this.#missedBars(result)
    if (passRate >= this.#minPassRate && missed.length === 0) return
    throw new ValidatorError('KEPLOY_PASS_RATE', [...missed, this.failureReport(result)].join('\n'))
  }

  /** The pass rate of each suite, in the order in which suites first appear. */
  passRates(result: RunResult): SuitePassRate[] {
    return suitePassRates(result)
  }

  /** A text for people: the rate beside the bar, the suites, and each test that did not pass with its reasons. */
  failureReport(result: RunResult): string {
    const { total, skipped, passed, flaky, passRate } = result.summary
    const lines = [
      `${passed + flaky} of ${total - skipped} tests passed (${percent(passRate)}); at least ${percent(this.#minPassRate)} must.`,
      ...suitePassRates(result).map(
        (suite) => `  ${suite.suite}: ${suite.passed} of ${suite.total} (${percent(suite.passRate)})`,
      ),
    ]
    for (const test of testsOf(result)) if (test.status !== 'skipped' && !isPassed(test)) lines.push(...describe(test))
    return lines.join('\n')
  }

  #missedBars(result: RunResult): string[] {
    const rates = new Map(suitePassRates(result).map((rate) => [rate.suite, rate]))
    return [...this.#suites].flatMap(([suite, bar]) => {
      const rate = rates.get(suite)
      if (rate === undefined) return [`The suite ${suite} did not run; at least ${percent(bar)} of it must pass.`]
      return rate.passRate >= bar
        ? []
        : [`The suite ${suite} passed ${percent(rate.passRate)}; at least ${percent(bar)} must.`]
    })
  }
}

function describe(test: TestResult): string[] {
  const more = test.failures.length - LISTED
  return [
    '',
    `${test.status === 'blocked' ? 'BLOCKED' : 'FAILED'} ${test.set}/${test.name} (${test.method} ${test.path})`,
    ...test.failures.slice(0, LISTED).map(({ message }) => `  ${message}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ]
}

function checkedRate(rate: number): number {
  if (rate >= 0 && rate <= 1) return rate
  const hint = rate > 1 && rate <= 100 ? ` Write ${rate / 100} for ${rate} %.` : ''
  throw new ValidatorError('KEPLOY_PASS_RATE_RANGE', `A pass rate must be between 0 and 1, got ${rate}.${hint}`)
}
