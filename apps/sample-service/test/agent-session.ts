import { once } from 'node:events'

import { expect } from 'vitest'
import { WebSocket } from 'ws'

import type { AgentEvent } from '../src/chains/agent-event.ts'
import type { ConversationEvent } from '../src/events/conversation-event.ts'
import type { UiAction } from '../src/ui-state/ui-action.ts'
import { bearerOf } from './follow-session.ts'

type Frame = { type: 'event'; event: ConversationEvent } | AgentEvent | UiAction

/** What is no part of the order of events. */
const ASIDE = ['delta', 'ui_state', 'ui_state_ack'] as const
const isAside = (frame: Frame | { type: (typeof ASIDE)[number] }): frame is { type: (typeof ASIDE)[number] } =>
  ASIDE.some((type) => type === frame.type)

const within = { timeout: 60_000, interval: 20 }

/** A session with a persona: what a client says, and all that comes on its stream. */
export async function openAgentSession(url: string, token: string, session_id: string, last_event_id?: string) {
  const query = last_event_id === undefined ? '' : `?last_event_id=${last_event_id}`
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/session/${session_id}/stream${query}`, {
    headers: bearerOf(token),
  })
  const frames: Frame[] = []
  socket.on('message', (data: Buffer) => {
    const frame = JSON.parse(data.toString()) as Frame | { type: (typeof ASIDE)[number] }
    if (!isAside(frame)) frames.push(frame)
  })
  await once(socket, 'open')
  const uiActions = () => frames.filter((frame) => frame.type === 'ui_action')
  const agentEvents = () => frames.filter((frame) => frame.type !== 'event' && frame.type !== 'ui_action')
  const completed = () => agentEvents().filter(({ type }) => type === 'agent_completed')
  const send = async (message: string, persona_id = 'web_assistant') => {
    const response = await fetch(`${url}/v1/session/message`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearerOf(token) },
      body: JSON.stringify({ message, session_id, persona_id }),
    })
    expect(response.status).toBe(202)
    return ((await response.json()) as { event_id: string }).event_id
  }
  const answers = () =>
    frames.flatMap((frame) => (frame.type === 'event' && frame.event.role === 'assistant' ? [frame.event] : []))
  return {
    socket,
    frames,
    agentEvents,
    uiActions,
    answers,
    send,
    /** Resolves when `count` chains of this session are over. */
    waitForCompletion: (count = 1) => expect.poll(() => completed().length, within).toBe(count),
    /** Says something, and resolves with the answer. */
    async ask(message: string, persona_id?: string) {
      const before = completed().length
      const event_id = await send(message, persona_id)
      await expect.poll(() => completed().length, within).toBe(before + 1)
      return answers().find(({ metadata }) => metadata['in_reply_to'] === event_id)!
    },
    async [Symbol.asyncDispose]() {
      socket.terminate()
    },
  }
}
