import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

import { bearer } from '../auth/require-user.ts'
import type { TokenVerifier } from '../auth/token-verifier.ts'
import { UnavailableError } from '../bus/errors.ts'
import { errorHandler } from '../http/error-handler.ts'
import { HttpError } from '../http/http-error.ts'
import type { PolicyClient } from '../policy/policy-client.ts'
import type { InFlightLimiter } from '../rate-limit/in-flight-limiter.ts'
import { errorSchema, validationErrorSchema } from '../schemas/problem.ts'

/** What the routes of every domain need. */
export interface SharedOptions {
  verifier: TokenVerifier
  policy: PolicyClient
  limiter: InFlightLimiter
}

export const security = bearer

/** What every route of a user may answer beside its own. */
export const refusals = {
  401: errorSchema,
  403: errorSchema,
  404: errorSchema,
  422: validationErrorSchema,
  429: errorSchema,
  503: errorSchema,
}

/** Answers errors like all routes do; what is away is a 503, so that clients know that it is worth trying again. */
export function domainErrorHandler(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const away = error instanceof UnavailableError
  return errorHandler(away ? new HttpError(503, error.message, { cause: error }) : error, request, reply)
}
