/**
 * What this package throws: a run that misses its bar (`KEPLOY_PASS_RATE`), did not end (`KEPLOY_RUN_INCOMPLETE`) or
 * tested nothing (`KEPLOY_NOTHING_RAN`), or a bar that is none (`KEPLOY_PASS_RATE_RANGE`).
 *
 * @example
 * try {
 *   new ResultValidator({ minPassRate: 0.8 }).assertPassRate(result)
 * } catch (error) {
 *   if (error instanceof ValidatorError && error.code === 'KEPLOY_PASS_RATE') console.error(error.message)
 * }
 */
export class ValidatorError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'ValidatorError'
    this.code = code
  }
}
