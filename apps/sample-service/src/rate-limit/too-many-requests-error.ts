import { HttpError } from '../http/http-error.ts'

/** A 429: the user has more requests under way than are worked on or wait. */
export class TooManyRequestsError extends HttpError {
  /** When it is worth trying again. */
  readonly retryAfterSeconds = 1

  constructor(detail: string) {
    super(429, detail)
    this.name = 'TooManyRequestsError'
  }
}
