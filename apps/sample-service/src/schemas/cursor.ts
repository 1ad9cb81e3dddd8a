import { z } from 'zod'

import { CURSOR } from '../database/page.ts'

/** Where a page of a list begins. */
export const cursorSchema = z
  .string()
  .regex(CURSOR, 'Not a cursor of this list')
  .describe('Where the page begins, as `next` of the page before said.')
