import { z } from 'zod'

import { decodeCursor } from '../database/page.ts'
import { cursorSchema } from '../schemas/cursor.ts'

/** Which page of a list: its size, and where it begins. What is no cursor is a problem of the request like any other. */
export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: cursorSchema.optional(),
})

/** The same page as stores take it. */
export function pageOptions({ limit, before }: z.output<typeof pageQuerySchema>): { limit: number; before?: number } {
  const position = before === undefined ? undefined : decodeCursor(before)
  return { limit, ...(position !== undefined && { before: position }) }
}
