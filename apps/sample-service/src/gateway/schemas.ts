import { z } from 'zod'

import { conversationRoles } from '../events/conversation-event.ts'
import { cursorSchema } from '../schemas/cursor.ts'
import { jsonValue } from '../schemas/json-value.ts'
import { storableText } from '../schemas/storable-text.ts'

const id = z.string().regex(/^[\w.:-]{1,100}$/, 'Not an id: letters, digits and . : - _, at most 100')

/** What a client says. */
export const newMessageSchema = z
  .object({
    session_id: id.optional().describe('The conversation that this belongs to. Without one a new conversation begins.'),
    message: z.string().min(1).max(100_000),
    attachments: z.array(jsonValue).max(100).default([]),
    metadata: z.record(z.string(), jsonValue).default({}),
    persona_id: storableText.min(1).max(100).nullable().default(null).describe('Who is to answer.'),
  })
  .meta({ id: 'NewMessage' })

export const acceptedMessageSchema = z
  .object({ session_id: z.string(), event_id: z.string() })
  .meta({ id: 'AcceptedMessage' })

/** One thing that was said. */
export const eventSchema = z
  .object({
    event_id: z.string(),
    session_id: z.string(),
    role: z.enum(conversationRoles),
    message: z.string(),
    attachments: z.array(z.unknown()),
    metadata: z.record(z.string(), z.unknown()),
    persona_id: z.string().nullable(),
  })
  .meta({ id: 'ConversationEvent' })

export const eventPageSchema = z
  .object({
    events: z.array(eventSchema),
    next: z.string().nullable().describe('Given as `before`, it brings the next page. Null on the last page.'),
  })
  .meta({ id: 'EventPage' })

export const sessionPathSchema = z.object({ session_id: id })
export const eventPathSchema = z.object({ session_id: id, event_id: id })

export const eventListQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  before: cursorSchema.optional(),
})

export type NewMessage = z.output<typeof newMessageSchema>
