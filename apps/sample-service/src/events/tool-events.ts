import { idSchema, type EventSchema } from './event-schema.ts'

/** A wish that a tool is run. */
export interface ToolRequest {
  event_id: string
  session_id?: string
  persona_id?: string | null
  tool_name: string
  args: Record<string, unknown>
}

/** What came of the request with the same `event_id`. */
export interface ToolResult {
  event_id: string
  status: 'ok' | 'error'
  payload: unknown
}

export const toolRequest: EventSchema<ToolRequest> = {
  name: 'tool_request',
  schema: {
    type: 'object',
    required: ['event_id', 'tool_name', 'args'],
    properties: {
      event_id: idSchema,
      session_id: idSchema,
      persona_id: { type: ['string', 'null'], maxLength: 100 },
      tool_name: { type: 'string', minLength: 1, maxLength: 100 },
      args: { type: 'object' },
    },
  },
}

export const toolResult: EventSchema<ToolResult> = {
  name: 'tool_result',
  schema: {
    type: 'object',
    required: ['event_id', 'status', 'payload'],
    properties: { event_id: idSchema, status: { type: 'string', enum: ['ok', 'error'] }, payload: {} },
  },
}
