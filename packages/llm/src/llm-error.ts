/** What this package throws. `code` says which kind of failure; each one stands in docs/errors.md. */
export class LlmError extends Error {
  override readonly name = 'LlmError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
