import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

import type { ValidationProblem } from '../schemas/problem.ts'
import { RequestValidationError } from './validation.ts'

/** Answers every error in one shape: `{ detail }`, a list for a 422 and a sentence for all others. */
export function errorHandler(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problems = problemsOf(error)
  if (problems) return reply.code(422).send({ detail: problems })
  const { status, detail } = refusalOf(error, request)
  return reply.code(status).send({ detail })
}

/** Answers a request that no route takes. */
export function notFoundHandler(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ detail: 'Not Found' })
}

/** What is wrong with a request that does not fit its route; undefined when something else went wrong. */
export function problemsOf(error: FastifyError | Error): ValidationProblem[] | undefined {
  if (error instanceof RequestValidationError) return error.problems
  const malformed = malformedBody(error)
  return malformed && [malformed]
}

/** What a client is told of any other error. What failed inside goes to the log: the client gets the request id to quote. */
export function refusalOf(error: FastifyError | Error, request: FastifyRequest): { status: number; detail: string } {
  const status = 'statusCode' in error && error.statusCode !== undefined ? error.statusCode : 500
  if (status < 500) return { status, detail: error.message }
  request.log.error({ err: error }, 'request failed')
  return { status, detail: status === 503 ? error.message : 'Internal Server Error' }
}

/** Fastify reports a body that is not JSON before validation; the client is told in the same words as for any other body. */
function malformedBody(error: FastifyError | Error): ValidationProblem | undefined {
  if (!('code' in error)) return undefined
  if (error.code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return { loc: ['body'], msg: 'Field required', type: 'missing' }
  if (error.code !== 'FST_ERR_CTP_INVALID_JSON_BODY') return undefined
  return { loc: ['body'], msg: 'The body is not valid JSON', type: 'json_invalid' }
}
