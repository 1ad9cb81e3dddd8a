/** A tap that could not do its work; `code` is listed in the project's list of errors. */
export class InterceptError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'InterceptError'
    this.code = code
  }
}
