import type { Steering } from '../ui-state/steering.ts'
import type { Caller } from '../upstream/caller.ts'
import { idSchema, type EventSchema } from './event-schema.ts'
import { callerSchema } from './tool-events.ts'

export const conversationRoles = ['user', 'assistant', 'system', 'tool'] as const

/** One thing that was said in a session. It never changes once it is stored. */
export interface ConversationEvent {
  event_id: string
  session_id: string
  role: (typeof conversationRoles)[number]
  message: string
  attachments: unknown[]
  metadata: Record<string, unknown>
  persona_id: string | null
}

/** Where a request came from. */
export interface RequestMetadata {
  ip: string | null
  user_agent: string | null
}

/** What is published of a message, and not stored with it: for whom tools are to run, where it came from, and what the user saw. */
export interface InboundMessage extends ConversationEvent {
  caller?: Caller
  request?: RequestMetadata
  ui?: Steering
}

const steeringSchema = {
  type: 'object',
  required: ['page_type', 'loaded_sessions', 'selected_template'],
  properties: {
    page_type: { type: ['string', 'null'], maxLength: 100 },
    loaded_sessions: { type: 'array', maxItems: 100, items: idSchema },
    selected_template: { type: ['string', 'null'], maxLength: 100 },
  },
} as const

/** Fields that are not named here are kept as they are, so that roles of two versions can run side by side. */
export const conversationEvent: EventSchema<InboundMessage> = {
  name: 'conversation_event',
  schema: {
    type: 'object',
    required: ['event_id', 'session_id', 'role', 'message', 'attachments', 'metadata', 'persona_id'],
    properties: {
      event_id: idSchema,
      session_id: idSchema,
      role: { type: 'string', enum: conversationRoles },
      message: { type: 'string' },
      attachments: { type: 'array' },
      metadata: { type: 'object' },
      persona_id: { type: ['string', 'null'], maxLength: 100 },
      caller: callerSchema,
      request: {
        type: 'object',
        required: ['ip', 'user_agent'],
        properties: {
          ip: { type: ['string', 'null'], maxLength: 100 },
          user_agent: { type: ['string', 'null'], maxLength: 500 },
        },
      },
      ui: steeringSchema,
    },
  },
}
