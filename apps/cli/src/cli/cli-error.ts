import { exitCode } from './exit-code.ts'

export type CliErrorCode =
  | 'KEPLOY_RUN_COMMAND'
  | 'KEPLOY_RUN_REAL_LLM'
  | 'KEPLOY_RUN_RECREATE'
  | 'KEPLOY_CONTAINER'
  | 'KEPLOY_USAGE'
  | 'KEPLOY_UNKNOWN_COMMAND'
  | 'KEPLOY_UNKNOWN_OPTION'
  | 'KEPLOY_BAD_OPTION'
  | 'KEPLOY_CONFIG_INVALID'
  | 'KEPLOY_NOTHING_TO_RUN'
  | 'KEPLOY_NO_RUN'
  | 'KEPLOY_TAP_PORT_TAKEN'
  | 'KEPLOY_PORT_IGNORED'
  | 'KEPLOY_SETUP_WRITE'
  | 'KEPLOY_OPENAPI_UNREADABLE'

export interface CliErrorOptions {
  /** What to do about it, as one sentence. */
  hint?: string
  /** Default: 2, a usage or configuration error. */
  exitCode?: number
  cause?: unknown
}

/** A failure that ends a command: what failed, on what, and what to do. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: CliErrorCode
  readonly hint: string | undefined
  readonly exitCode: number

  constructor(code: CliErrorCode, message: string, options: CliErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.exitCode = options.exitCode ?? exitCode.usage
  }
}
