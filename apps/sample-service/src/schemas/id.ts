import { z } from 'zod'

/** Ids travel in URLs, keys of Redis and keys of records. */
export const idSchema = z.string().regex(/^[\w.:-]{1,100}$/, 'Not an id: letters, digits and . : - _, at most 100')
