import { z } from 'zod'

import { agentRequestSchema } from '../agent-requests/agent-request.ts'
import { newMessageSchema } from '../gateway/schemas.ts'
import type { Incoming } from '../sockets/inbox.ts'
import { uiStateUpdateSchema } from '../ui-state/ui-state-update.ts'
import { frameError, type ErrorFrame } from './server-frames.ts'

/** What the client calls this message, so that it knows the answer to it. */
const id = z.string().min(1).max(100)

const messageSchema = newMessageSchema.omit({ session_id: true }).extend({
  type: z.literal('message'),
  id: id.describe('Of the client. A message that is sent again with the same id is stored once.'),
})
const agentRequestFrameSchema = agentRequestSchema
  .omit({ session_id: true })
  .extend({ id: id.describe('Of the client, as that of a message.') })
const uiStateSchema = uiStateUpdateSchema.extend({ type: z.literal('ui_state'), id: id.optional() })
const pingSchema = z.object({ type: z.literal('ping'), id: id.optional() })

export type ClientFrame = z.output<
  typeof messageSchema | typeof agentRequestFrameSchema | typeof uiStateSchema | typeof pingSchema
>

const schemas = new Map<unknown, z.ZodType<ClientFrame>>([
  ['message', messageSchema],
  ['agent_request', agentRequestFrameSchema],
  ['ui_state', uiStateSchema],
  ['ping', pingSchema],
])
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads what a client sent: JSON in UTF-8, as a text or a binary message.
 *
 * @example
 * readClientFrame({ data: Buffer.from('{"type":"ping"}'), isBinary: false }) // { frame: { type: 'ping' } }
 */
export function readClientFrame({ data, isBinary }: Incoming): { frame: ClientFrame } | { refusal: ErrorFrame } {
  let text: string
  try {
    text = utf8.decode(data)
  } catch {
    // Only of a binary message: the protocol itself refuses a text that is not UTF-8.
    const kind = isBinary ? 'binary' : 'text'
    return { refusal: frameError('INVALID_UTF8', `The ${kind} message is not UTF-8`) }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { refusal: frameError('INVALID_JSON', 'The message is not JSON') }
  }
  const { type, id: given } = Object(value) as { type?: unknown; id?: unknown }
  const name = typeof given === 'string' ? given.slice(0, 100) : null
  const schema = schemas.get(type)
  if (!schema) {
    const known = [...schemas.keys()].join(', ')
    return { refusal: frameError('UNKNOWN_TYPE', `A message has a type of: ${known}`, { id: name }) }
  }
  return check(schema, value, name)
}

function check(
  schema: z.ZodType<ClientFrame>,
  value: unknown,
  id: string | null,
): { frame: ClientFrame } | { refusal: ErrorFrame } {
  const result = schema.safeParse(value)
  if (result.success) return { frame: result.data }
  const details = result.error.issues.map(({ path, message }) => ({ loc: path.map(String), msg: message }))
  const sentence = details.map(({ loc, msg }) => `${loc.join('.') || 'the message'}: ${msg}`).join('; ')
  return { refusal: frameError('VALIDATION_ERROR', sentence, { id, details }) }
}
