import { once } from 'node:events'

import { expect } from 'vitest'
import { WebSocket } from 'ws'

import type { ConversationEvent } from '../../src/events/conversation-event.ts'
import type { Task } from '../../src/orchestrator/task.ts'
import { bearerOf } from '../follow-session.ts'
import { tokenFor } from '../real-parts.ts'
import { taskClient } from '../task-client.ts'

const within = { timeout: 60_000, interval: 100 }

/** A user of a platform that checks tokens by the secret of the tests. */
export async function startClient(url: string, id = 'zoe') {
  const token = await tokenFor({ id })
  const headers = { 'content-type': 'application/json', ...bearerOf(token) }
  const sockets: WebSocket[] = []

  async function post(path: string, body: object) {
    const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  const eventsOf = async (session_id: string): Promise<ConversationEvent[]> => {
    const response = await fetch(`${url}/v1/session/${session_id}/events?limit=100`, { headers })
    return ((await response.json()) as { events: ConversationEvent[] }).events
  }
  const answersTo = async (session_id: string, event_id: string): Promise<ConversationEvent[]> =>
    (await eventsOf(session_id)).filter(({ metadata }) => metadata['in_reply_to'] === event_id)

  return {
    token,
    post,
    eventsOf,
    answersTo,
    /** Says something, which is accepted; resolves with the id of the message. */
    async say(message: string, session_id: string, persona_id: string | null = null): Promise<string> {
      const { status, body } = await post('/v1/session/message', { message, session_id, persona_id })
      expect(status, JSON.stringify(body)).toBe(202)
      return body['event_id'] as string
    },
    /** Says something and waits until it is answered. */
    async ask(message: string, session_id: string, persona_id: string | null = null): Promise<ConversationEvent> {
      const event_id = await this.say(message, session_id, persona_id)
      await expect.poll(async () => (await answersTo(session_id, event_id)).length, within).toBe(1)
      return (await answersTo(session_id, event_id))[0]!
    },
    health: async () => {
      const response = await fetch(`${url}/health`)
      return { code: response.status, ...((await response.json()) as Record<string, { status: string }>) }
    },
    execute: async (prompt: string): Promise<Task> =>
      (await taskClient(url, token).execute({ type: 'simple', prompt })).body,
    followTasks: () => taskClient(url, token).follow('global'),
    /** Follows a session; `events` are those that came. */
    async follow(session_id: string) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/session/${session_id}/stream`, { headers })
      sockets.push(socket)
      const events: ConversationEvent[] = []
      const closed = once(socket, 'close').then(([code]) => code as number)
      socket.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as { type: string; event: ConversationEvent }
        if (frame.type === 'event') events.push(frame.event)
      })
      await once(socket, 'open')
      return { socket, events, closed }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.terminate()
    },
  }
}
