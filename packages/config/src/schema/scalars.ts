import { RE2JS } from 're2js'
import { z } from 'zod'

import { parseDuration, parseSize } from '../units.ts'

/** A key of the file with its documentation; every key may be left out. */
export function key<T extends z.ZodType>(schema: T, description: string): z.ZodOptional<T> {
  return schema.optional().meta({ description })
}

/** A key that is read so that Keploy's files keep working, and that this tool has no use for. */
export function unused<T extends z.ZodType>(schema: T, description: string): z.ZodOptional<T> {
  return schema.optional().meta({ description: `${description} Accepted, and without effect here.` })
}

/** An object that may hold keys we do not know. */
export function section<T extends z.ZodRawShape>(shape: T): z.ZodObject<T, z.core.$loose> {
  return z.looseObject(shape)
}

export const text = z.string()
export const flag = z.boolean()
export const count = z.int().min(0)
export const port = z.int().min(0).max(65_535)

/** Text, or a plain number or truth value that YAML would not keep as text without quotes. */
export const looseText = z.union([z.string(), z.number(), z.boolean()], { error: () => 'text' })

/** A number, or text that `read` understands; `expected` names both in messages. */
function measure<T extends z.ZodType>(numbers: T, read: (text: string) => number | undefined, expected: string) {
  const words = z.string().refine((value) => read(value) !== undefined, { error: expected })
  return z.union([numbers, words], { error: () => expected })
}

/** Whole or broken seconds, or a duration with a unit. */
export const seconds = measure(
  z.number().min(0),
  parseDuration,
  'a number of seconds (`5`) or a duration (`500ms`, `2m`)',
)

/** A duration with its unit; `0` needs none. */
export const duration = measure(z.literal(0), parseDuration, 'a duration with a unit (`500ms`, `30s`, `5m`, `1h30m`)')

/** Bytes, or a size with a unit. */
export const size = measure(z.int().min(0), parseSize, 'a number of bytes or a size (`512KiB`, `1MiB`)')

/** Says why a pattern cannot be used, or nothing. Patterns run in linear time, with the syntax of RE2, as in Keploy. */
export function patternProblem(pattern: string): string | undefined {
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export const pattern = z.string().superRefine((value, context) => {
  const problem = patternProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, params: { pattern: true } })
})

/** A noise pattern: as `pattern`, but Keploy's `*` stands for "anything". */
const noisePattern = z.union([z.number(), z.boolean(), z.string()]).superRefine((value, context) => {
  const problem = value === '*' ? undefined : patternProblem(String(value))
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, params: { pattern: true } })
})

export const texts = z.array(looseText)
export const patterns = z.array(pattern)
/** Set name to the tests of that set; an empty list means the whole set. */
export const selection = z.record(z.string(), z.array(looseText))
/** Field to the patterns that a changed value must match; an empty list means any value. */
export const noiseFields = z.record(z.string(), z.union([z.array(noisePattern), noisePattern]))
export const noiseBuckets = z.record(z.string(), noiseFields)
export const anything = z.unknown()
