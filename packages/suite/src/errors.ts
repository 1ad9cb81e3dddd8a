/** What can go wrong before a run. */
export type SuiteErrorCode =
  | 'KEPLOY_RUN_CATEGORY'
  | 'KEPLOY_RUN_MARKER'
  | 'KEPLOY_RUN_PROJECT'
  | 'KEPLOY_RUN_QUARANTINE'
  | 'KEPLOY_RUN_NO_RUNNER'

/**
 * A run that cannot be planned. The message says what is wrong, on which file or project, and what to do.
 *
 * @example
 * throw new SuiteError('KEPLOY_RUN_PROJECT', 'Two projects are called "unit". Give each a name of its own.')
 */
export class SuiteError extends Error {
  override readonly name = 'SuiteError'
  readonly code: SuiteErrorCode

  constructor(code: SuiteErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
