import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'

import { isShallow } from '../schemas/json-depth.ts'
import type { ValidationProblem } from '../schemas/problem.ts'

const LOCATION: Record<string, string> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
}

/** A request that does not fit the schema of its route; the error handler turns it into a 422. */
export class RequestValidationError extends Error {
  readonly problems: ValidationProblem[]

  constructor(problems: ValidationProblem[]) {
    super('The request does not fit the schema of its route.')
    this.name = 'RequestValidationError'
    this.problems = problems
  }
}

/** Checks each part of a request with the zod schema of its route, and keeps what zod knows about a mistake. */
export const validationCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const location = LOCATION[httpPart ?? ''] ?? 'request'
  return (data) => {
    const result = schema.safeParse(data, { reportInput: true })
    if (result.success) return { value: result.data }
    return { error: new RequestValidationError(result.error.issues.map((issue) => describe(issue, location))) }
  }
}

function describe(issue: z.core.$ZodIssue, location: string): ValidationProblem {
  const loc = [location, ...issue.path.map((key) => (typeof key === 'symbol' ? String(key) : key))]
  // A request without a body reaches the schema as null or undefined: that body is missing, not of a wrong type.
  const absent = issue.input === undefined || (issue.input === null && issue.path.length === 0)
  if (absent) return { loc, msg: 'Field required', type: 'missing' }
  return { loc, msg: issue.message, type: kindOf(issue), ...(isShowable(issue.input) && { input: issue.input }) }
}

/** Larger ones are not sent back. */
const SHOWN_LENGTH = 1_000

/** Whether what came can be shown beside what is wrong with it; what is nested too deep cannot even be written. */
function isShowable(input: unknown): boolean {
  return isShallow(input) && JSON.stringify(input).length <= SHOWN_LENGTH
}

function kindOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `${issue.expected}_type`
    case 'invalid_value':
      return 'enum'
    case 'too_small':
      return issue.origin === 'string' ? 'string_too_short' : 'greater_than_equal'
    case 'too_big':
      return issue.origin === 'string' ? 'string_too_long' : 'less_than_equal'
    case 'invalid_format':
      return `${issue.format}_format`
    default:
      return issue.code
  }
}
