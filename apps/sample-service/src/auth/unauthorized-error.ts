import { HttpError } from '../http/http-error.ts'

/** A 401: there is no token, or it is not one that this service takes. The message says which, and never why in detail. */
export class UnauthorizedError extends HttpError {
  constructor(detail: string, options?: ErrorOptions) {
    super(401, detail, options)
    this.name = 'UnauthorizedError'
  }
}
