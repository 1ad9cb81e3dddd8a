/** What can go wrong while a report is written or read. */
export type ReportErrorCode =
  | 'KEPLOY_REPORT_WRITE'
  | 'KEPLOY_REPORT_FULL'
  | 'KEPLOY_REPORT_DENIED'
  | 'KEPLOY_REPORT_READ'
  | 'KEPLOY_REPORT_VERSION'
  | 'KEPLOY_REPORT_UNKNOWN'
  | 'KEPLOY_REPORT_BROKEN'

/**
 * A report that could not be written or read. The message says what failed, on which file, and what to do.
 *
 * @example
 * throw new ReportError('KEPLOY_REPORT_FULL', 'No space left for report.html. Free some space, or use --output.')
 */
export class ReportError extends Error {
  override readonly name = 'ReportError'
  readonly code: ReportErrorCode

  constructor(code: ReportErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
