import type { UserKey } from '../auth/user.ts'
import type { Database } from '../database/database.ts'
import type { ConversationEvent } from '../events/conversation-event.ts'
import { derivedId } from '../events/derived-id.ts'
import type { Accepted, Conversations, Speaker } from '../gateway/conversations.ts'
import type { NewMessage } from '../gateway/schemas.ts'
import { adviceSchema, requestedAgents, type AgentRequest, type AgentRequestState } from './agent-request.ts'

export interface AgentRequestsOptions {
  database: Database
  conversations: Conversations
}

/** The message that a request is. */
export function messageOf({ type, agent, message, context, session_id }: AgentRequest): NewMessage {
  return { session_id, message, attachments: [], metadata: { type, context }, persona_id: agent }
}

/**
 * Requests to agents: `{ type: "agent_request", agent, message, context }`. Each is a message to a persona, so that it
 * has a session, is answered by a chain, and survives whatever a message survives; its stream tells the five agent events.
 */
export class AgentRequests {
  readonly #options: AgentRequestsOptions

  constructor(options: AgentRequestsOptions) {
    this.#options = options
  }

  /** Resolves when the request is stored and will be worked on. The event that stands for it gives it its id. */
  accept(asked: AgentRequest, speaker: Speaker): Promise<Accepted> {
    return this.#options.conversations.accept(messageOf(asked), speaker)
  }

  /** What became of a request; undefined when the user has made none of this id. */
  async find(request_id: string, user: UserKey): Promise<AgentRequestState | undefined> {
    const { conversations } = this.#options
    const session_id = await this.#sessionOf(request_id, user)
    if (session_id === undefined) return undefined
    const asked = await conversations.find(session_id, request_id, user)
    const agent = requestedAgents.find((name) => name === asked?.persona_id)
    if (!agent) return undefined
    const answer = await conversations.find(session_id, derivedId('answer', request_id), user)
    return { request_id, session_id, agent, ...stateOf(agent, answer) }
  }

  async #sessionOf(event_id: string, user: UserKey): Promise<string | undefined> {
    const row = await this.#options.database.query
      .selectFrom('session_events')
      .innerJoin('session_owners', 'session_owners.session_id', 'session_events.session_id')
      .select('session_events.session_id')
      .where('event_id', '=', event_id)
      .where('kind', '=', 'conversation')
      .where('tenant', '=', user.tenant)
      .where('user_id', '=', user.id)
      .executeTakeFirst()
    return row?.session_id
  }
}

type Outcome = Pick<AgentRequestState, 'status' | 'result' | 'error' | 'error_code'>

function stateOf(agent: AgentRequestState['agent'], answer: ConversationEvent | undefined): Outcome {
  if (!answer) return { status: 'running', result: null, error: null, error_code: null }
  const { result, model, simulated, error_code } = answer.metadata
  const advice = adviceSchema.safeParse(result)
  if (advice.success) {
    const by = { agent, model: String(model), simulated: simulated === true }
    return { status: 'completed', result: { ...advice.data, ...by }, error: null, error_code: null }
  }
  return { status: 'failed', result: null, error: answer.message, error_code: String(error_code) }
}
