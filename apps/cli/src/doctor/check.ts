/** `fail` makes the command fail; `warn` is worth knowing; `ok` is fine. */
export type CheckStatus = 'ok' | 'warn' | 'fail'

/** What one check found. */
export interface Check {
  readonly name: string
  readonly status: CheckStatus
  readonly message: string
  /** What to do about it. */
  readonly fix?: string
}

export function ok(name: string, message: string): Check {
  return { name, status: 'ok', message }
}

export function warn(name: string, message: string, fix: string): Check {
  return { name, status: 'warn', message, fix }
}

export function fail(name: string, message: string, fix: string): Check {
  return { name, status: 'fail', message, fix }
}
