/** A failed effect of this package: a file that could not be written or watched, or an edit that cannot be made. */
export class ConfigError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ConfigError'
    this.code = code
  }
}
