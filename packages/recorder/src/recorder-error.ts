/** What this package throws: an effect that failed, or a request that cannot be met. */
export class RecorderError extends Error {
  override readonly name = 'RecorderError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
