import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'

import { problemsOf, refusalOf } from '../http/error-handler.ts'
import { validationProblemSchema } from '../schemas/problem.ts'

/** The body of every error of the orchestrator. */
export const apiErrorSchema = z
  .object({
    error: z.string(),
    error_code: z.string().describe('For programs: it does not change.'),
    details: z.array(validationProblemSchema).optional().describe('Of a VALIDATION_ERROR: all that is wrong.'),
    task_id: z.string().optional().describe('The task that failed.'),
  })
  .meta({ id: 'OrchestratorError' })

type ApiError = z.output<typeof apiErrorSchema>

const CODES: Record<number, string> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  413: 'TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
  503: 'UNAVAILABLE',
}

/** Answers errors as clients of the orchestrator know them: `{ error, error_code }`, and a bad request is a 400. */
export function apiErrorHandler(
  error: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const details = problemsOf(error)
  if (details) {
    const sentence = details.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ')
    const body: ApiError = { error: sentence, error_code: 'VALIDATION_ERROR', details }
    return reply.code(400).send(body)
  }
  const { status, detail } = refusalOf(error, request)
  const body: ApiError = {
    error: detail,
    error_code: CODES[status] ?? (status < 500 ? 'BAD_REQUEST' : 'INTERNAL_ERROR'),
  }
  return reply.code(status).send(body)
}
