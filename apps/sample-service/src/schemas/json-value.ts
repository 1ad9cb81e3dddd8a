import { z } from 'zod'

import { isShallow, MAX_JSON_DEPTH } from './json-depth.ts'

/** Anything that JSON can say, unless it is nested so deep that whoever reads it runs out of stack. */
export const jsonValue = z.unknown().refine((value) => isShallow(value), `Nested more than ${MAX_JSON_DEPTH} deep`)
