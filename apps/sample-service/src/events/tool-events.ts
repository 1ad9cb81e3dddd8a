import { userRoles } from '../auth/user.ts'
import { wantedUiActionsSchema, type WantedUiAction } from '../ui-state/ui-action.ts'
import type { Caller } from '../upstream/caller.ts'
import { idSchema, type EventSchema } from './event-schema.ts'

/** A wish that a tool is run. */
export interface ToolRequest {
  event_id: string
  session_id?: string
  persona_id?: string | null
  /** For whom it is to run. */
  caller?: Caller
  tool_name: string
  args: Record<string, unknown>
}

/** What came of the request with the same `event_id`. */
export interface ToolResult {
  event_id: string
  status: 'ok' | 'error'
  payload: unknown
  /** What the user interface is to do when the chain is completed. The model is not told. */
  ui_actions?: WantedUiAction[]
}

/** For whom tools run. */
export const callerSchema = {
  type: 'object',
  required: ['tenant', 'id', 'role', 'sealed_authorization'],
  properties: {
    tenant: { type: 'string', minLength: 1, maxLength: 100 },
    id: { type: 'string', minLength: 1, maxLength: 100 },
    role: { type: 'string', enum: userRoles },
    sealed_authorization: { type: ['string', 'null'], maxLength: 20_000 },
  },
} as const

export const toolRequest: EventSchema<ToolRequest> = {
  name: 'tool_request',
  schema: {
    type: 'object',
    required: ['event_id', 'tool_name', 'args'],
    properties: {
      event_id: idSchema,
      session_id: idSchema,
      persona_id: { type: ['string', 'null'], maxLength: 100 },
      caller: callerSchema,
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
    properties: {
      event_id: idSchema,
      status: { type: 'string', enum: ['ok', 'error'] },
      payload: {},
      ui_actions: wantedUiActionsSchema,
    },
  },
}
