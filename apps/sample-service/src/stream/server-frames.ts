import { HttpError } from '../http/http-error.ts'
import { RequestValidationError } from '../http/validation.ts'
import { valuesOf, type UiState } from '../ui-state/ui-state.ts'

/** Why something that a client sent was not done. The stream goes on. */
export interface ErrorFrame {
  type: 'error'
  /** What the client called its message; null when that is not known. */
  id: string | null
  error: string
  /** For programs: it does not change. */
  error_code: string
  /** Of a `VALIDATION_ERROR`: all that is wrong. */
  details?: { loc: string[]; msg: string }[]
  /** Of a `RATE_LIMITED`. */
  retry_after_seconds?: number
}

const CODES: Record<number, string> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  413: 'TOO_LARGE',
  429: 'RATE_LIMITED',
  503: 'UNAVAILABLE',
}

/** The state of the user interface, as it is known here. */
export interface UiStateFrame {
  type: 'ui_state'
  state: Record<string, unknown>
  /** When each field was set, in milliseconds since 1970 on the clock of the server. */
  timestamps: Record<string, number>
}

export function uiStateFrame(state: UiState): UiStateFrame {
  const values = valuesOf(state)
  const timestamps = Object.keys(values).map((name) => [name, state.fields[name]!.at])
  return { type: 'ui_state', state: values, timestamps: Object.fromEntries(timestamps) as Record<string, number> }
}

/** An error as a frame. */
export function frameError(
  error_code: string,
  error: string,
  more: Partial<Pick<ErrorFrame, 'id' | 'details' | 'retry_after_seconds'>> = {},
): ErrorFrame {
  return { type: 'error', id: null, error, error_code, ...more }
}

/**
 * What a client is told of an error that would be an answer over HTTP; undefined for one that is none, of which it
 * is told nothing but that there was one.
 */
export function refusalFrame(error: unknown, id: string | null): ErrorFrame | undefined {
  if (error instanceof RequestValidationError) {
    return frameError('VALIDATION_ERROR', error.problems.map(({ msg }) => msg).join('; '), { id })
  }
  if (!(error instanceof HttpError)) return undefined
  const { statusCode, message } = error
  const code = CODES[statusCode] ?? (statusCode < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR')
  const wait = 'retryAfterSeconds' in error ? { retry_after_seconds: Number(error.retryAfterSeconds) } : {}
  return frameError(code, message, { id, ...wait })
}
