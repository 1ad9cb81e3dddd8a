import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

import { isUnavailable } from '../database/is-unavailable.ts'
import type { ValidationProblem } from '../schemas/problem.ts'
import { HttpError } from './http-error.ts'
import { RequestValidationError } from './validation.ts'

/** Answers every error in one shape: `{ detail }`, a list for a 422 and a sentence for all others. */
export function errorHandler(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problems = problemsOf(error)
  if (problems) return reply.code(422).send({ detail: problems })
  const { status, detail } = refusalOf(error, request)
  return reply.code(status).send({ detail })
}

/** Answers a request that no route takes: 405 where the path takes other methods (RFC 9110, 15.5.6), else 404. */
export function notFoundHandler(allowedMethods: (path: string) => string[]) {
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const allowed = allowedMethods(request.url.split('?', 1)[0]!)
    // A path may look like one of a route that its router refused, because a part of it is too long.
    if (allowed.length === 0 || allowed.includes(request.method)) return reply.code(404).send({ detail: 'Not Found' })
    return reply.code(405).header('allow', allowed.join(', ')).send({ detail: 'Method Not Allowed' })
  }
}

/** What is wrong with a request that does not fit its route; undefined when something else went wrong. */
export function problemsOf(error: FastifyError | Error): ValidationProblem[] | undefined {
  if (error instanceof RequestValidationError) return error.problems
  const malformed = malformedBody(error)
  return malformed && [malformed]
}

/** What a client is told of any other error. What failed inside goes to the log: the client gets the request id to quote. */
export function refusalOf(error: FastifyError | Error, request: FastifyRequest): { status: number; detail: string } {
  const status = 'statusCode' in error && error.statusCode !== undefined ? error.statusCode : statusOf(error)
  if (status < 500) return { status, detail: error.message }
  request.log.error({ err: error }, 'request failed')
  if (status !== 503) return { status, detail: 'Internal Server Error' }
  return { status, detail: error instanceof HttpError ? error.message : 'The database does not answer' }
}

/** A database that is away tells clients that it is worth trying again. */
const statusOf = (error: Error): number => (isUnavailable(error) ? 503 : 500)

/** Fastify reports a body that is not JSON before validation; the client is told in the same words as for any other body. */
function malformedBody(error: FastifyError | Error): ValidationProblem | undefined {
  if (!('code' in error)) return undefined
  if (error.code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return { loc: ['body'], msg: 'Field required', type: 'missing' }
  if (error.code !== 'FST_ERR_CTP_INVALID_JSON_BODY') return undefined
  return { loc: ['body'], msg: 'The body is not valid JSON', type: 'json_invalid' }
}
