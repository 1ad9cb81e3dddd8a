/** What this package throws: an option that cannot be used. */
export class RedactError extends Error {
  override readonly name = 'RedactError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
