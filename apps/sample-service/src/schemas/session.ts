import { z } from 'zod'

import { storableText as text } from './storable-text.ts'

export const sessionTypes = ['adventure', 'mystery'] as const

/** What a client sends to create a session. */
export const newSessionSchema = z
  .object({
    type: z.enum(sessionTypes).describe('The kind of story.'),
    title: text.min(1).max(200).describe('A title for people.'),
    description: text.max(2000).default('').describe('What the session is about.'),
  })
  .meta({ id: 'NewSession' })

/** A session as the API shows it. */
export const sessionSchema = z
  .object({
    id: z.string().describe('Opaque; made by the service.'),
    type: z.enum(sessionTypes),
    title: z.string(),
    description: z.string(),
    status: z.enum(['active', 'closed']),
    created_at: z.string().meta({ format: 'date-time', description: 'When the session was created, in UTC.' }),
  })
  .meta({ id: 'Session' })

export const sessionPathSchema = z.object({ session_id: text.min(1).max(100) })

export const sessionListQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(50).describe('How many sessions to return at most.'),
})

export type NewSession = z.output<typeof newSessionSchema>
export type Session = z.output<typeof sessionSchema>
