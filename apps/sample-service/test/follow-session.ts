import { once } from 'node:events'

import { WebSocket } from 'ws'

import type { ConversationEvent } from '../src/events/conversation-event.ts'

export interface Frame {
  type: 'event' | 'delta'
  event?: ConversationEvent
  event_id?: string
  index?: number
  text?: string
}

/** A token of a platform without AUTH settings. Without a name: that of the developer. */
export async function tokenOf(url: string, wish: object = {}): Promise<string> {
  const response = await fetch(`${url}/dev/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(wish),
  })
  return ((await response.json()) as { token: string }).token
}

export const bearerOf = (token: string) => ({ authorization: `Bearer ${token}` })

/** A client of the stream of a session, with what it got. */
export async function followSession(url: string, session_id: string, last_event_id?: string) {
  const query = last_event_id === undefined ? '' : `?last_event_id=${last_event_id}`
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/session/${session_id}/stream${query}`, {
    headers: bearerOf(await tokenOf(url)),
  })
  const frames: Frame[] = []
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame))
  await once(socket, 'open')
  return {
    socket,
    frames,
    events: () => frames.flatMap(({ event }) => event ?? []),
    async [Symbol.asyncDispose]() {
      socket.terminate()
    },
  }
}

export async function say(url: string, message: string, session_id?: string) {
  const response = await fetch(`${url}/v1/session/message`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearerOf(await tokenOf(url)) },
    body: JSON.stringify({ message, ...(session_id !== undefined && { session_id }) }),
  })
  return { status: response.status, ...((await response.json()) as { session_id: string; event_id: string }) }
}
