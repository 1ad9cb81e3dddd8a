import { z } from 'zod'

/** Text that Postgres can store: without U+0000, and without halves of surrogate pairs. */
export const storableText = z
  .string()
  // As an expression it is part of the description, in a form that all dialects of expressions read. Halves of pairs
  // cannot be told there, nor sent as UTF-8.
  .regex(/^[^\u0000]*$/, 'Text cannot be stored')
  .refine((value) => value.isWellFormed(), 'Text cannot be stored')

/**
 * What a program or a model said, in a form that Postgres can store.
 *
 * @example
 * storable('a\0b') // 'ab'
 */
export function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}
