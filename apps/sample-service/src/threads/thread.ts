import { z } from 'zod'

import { idSchema } from '../schemas/id.ts'
import { jsonValue } from '../schemas/json-value.ts'
import { storableText } from '../schemas/storable-text.ts'

/** What a client says to begin a thread. */
export const newThreadSchema = z
  .object({
    thread_id: idSchema.optional().describe('A session of yours that is to have a title. Without one it is a new one.'),
    title: storableText.min(1).max(200),
    metadata: z.record(z.string(), jsonValue).default({}),
  })
  .meta({ id: 'NewThread' })

/** A conversation with a title. Its id is that of its session; it never changes. */
export const threadSchema = z
  .object({
    thread_id: z.string().describe('Also the `session_id` of its messages and its stream.'),
    user_id: z.string(),
    title: z.string(),
    metadata: z.record(z.string(), z.unknown()),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'Thread' })

export const threadPageSchema = z
  .object({
    threads: z.array(threadSchema),
    next: z.string().nullable().describe('Given as `before`, it brings the next page. Null on the last page.'),
  })
  .meta({ id: 'ThreadPage' })

export const threadPathSchema = z.object({ thread_id: idSchema })

export type NewThread = z.output<typeof newThreadSchema>
export type Thread = z.output<typeof threadSchema>
