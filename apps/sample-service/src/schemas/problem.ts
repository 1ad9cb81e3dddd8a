import { z } from 'zod'

/** One thing that is wrong with a request: where, what, and which kind of mistake. */
export const validationProblemSchema = z
  .object({
    loc: z.array(z.union([z.string(), z.number()])).describe('From the part of the request down to the field.'),
    msg: z.string(),
    type: z.string(),
    input: z.unknown().optional(),
  })
  .meta({ id: 'ValidationProblem' })

/** The body of a 422. */
export const validationErrorSchema = z
  .object({ detail: z.array(validationProblemSchema) })
  .meta({ id: 'HTTPValidationError' })

/** The body of every other error. */
export const errorSchema = z.object({ detail: z.string() }).meta({ id: 'HTTPError' })

export type ValidationProblem = z.output<typeof validationProblemSchema>
