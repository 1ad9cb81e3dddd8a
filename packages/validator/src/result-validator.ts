import type { RunResult } from '@keploy-framework/format'

export interface ResultValidatorOptions {
  /** The least share of tests that must pass, 0 to 1. Default 1. */
  readonly minPassRate?: number
}

export class ResultValidator {
  readonly minPassRate: number

  constructor({ minPassRate = 1 }: ResultValidatorOptions = {}) {
    this.minPassRate = minPassRate
  }

  assertPassRate(result: RunResult): void {
    if (result.summary.passRate < this.minPassRate) throw new Error('The pass rate is below the bar.')
  }
}
