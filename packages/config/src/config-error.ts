/**
 * A failed effect of this package: a file that could not be written or watched, or an edit that cannot be made.
 *
 * @example
 * throw new ConfigError('KEPLOY_CONFIG_WRITE', 'keploy.yml cannot be written. Check its permissions.')
 */
export class ConfigError extends Error {
  /** `KEPLOY_CONFIG_…`, as listed in docs/errors.md. */
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ConfigError'
    this.code = code
  }
}
