/**
 * Thrown when reading or writing fails for a reason outside of the content: a missing folder, a full disk, a path that
 * leaves its set, a broken promise of the caller. Problems in the content itself are returned as `InputIssue`.
 *
 * @example
 * try {
 *   await openTestSet('keploy/missing')
 * } catch (error) {
 *   if (error instanceof FormatError && error.code === 'KEPLOY_FORMAT_NOT_FOUND') console.log(error.message)
 * }
 */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
