/** Every code that a {@link RunnerError} can carry. */
export type RunnerErrorCode =
  | 'KEPLOY_COMMAND_NOT_FOUND'
  | 'KEPLOY_PORT_IN_USE'
  | 'KEPLOY_SERVICE_EXITED'
  | 'KEPLOY_SERVICE_NOT_READY'
  | 'KEPLOY_TARGET_INVALID'
  | 'KEPLOY_SELECTION_INVALID'
  | 'KEPLOY_SCRIPT_FAILED'

export interface RunnerErrorOptions {
  readonly cause?: unknown
  /** The last lines of the service's or script's output, already redacted. */
  readonly output?: string
}

/**
 * Something the runner started did not work: a command, a port, a script. The message says what failed, on what, and
 * what to do.
 *
 * @example
 * throw new RunnerError('KEPLOY_PORT_IN_USE', 'Port 8000 is taken. Choose another one with --port.')
 */
export class RunnerError extends Error {
  readonly code: RunnerErrorCode
  readonly output: string | undefined

  constructor(code: RunnerErrorCode, message: string, options: RunnerErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'RunnerError'
    this.code = code
    this.output = options.output
  }
}
