/** What went wrong in a codec; `code` is listed in the project's list of errors. */
export class WireError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'WireError'
    this.code = code
  }
}
