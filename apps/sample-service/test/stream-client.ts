import { once } from 'node:events'
import { connect } from 'node:net'

import { expect } from 'vitest'
import { WebSocket } from 'ws'

import { bearerOf } from './follow-session.ts'

/** Anything that comes on a stream. Tests look at the fields that theirs has. */
export interface StreamFrame {
  type: string
  id?: string | null
  event_id?: string
  event?: { event_id: string; role: string; message: string }
  error_code?: string
  [field: string]: unknown
}

const within = { timeout: 30_000, interval: 10 }

/** A client of the stream of a session that sends frames, and waits for the answers to them. */
export async function openStream(url: string, token: string, session_id: string, query = '') {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/session/${session_id}/stream${query}`, {
    headers: bearerOf(token),
    maxPayload: 64 * 1024 * 1024,
  })
  const frames: StreamFrame[] = []
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as StreamFrame))
  const closed = once(socket, 'close').then(([code, reason]) => [code as number, String(reason)] as const)
  // Refused with a status: then it is closed, too.
  const refused = new Promise<number>((resolve) => {
    socket.once('unexpected-response', (_request, response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
  })
  socket.on('error', () => {})
  const status = await Promise.race([once(socket, 'open').then(() => 101), refused])
  const find = (wanted: Partial<StreamFrame>) =>
    frames.find((frame) => Object.entries(wanted).every(([name, value]) => frame[name] === value))
  return {
    socket,
    status,
    frames,
    closed,
    send: (frame: object) => socket.send(JSON.stringify(frame)),
    /** Resolves with the first frame that has these fields, once it is there. */
    async waitFor(wanted: Partial<StreamFrame>): Promise<StreamFrame> {
      await expect.poll(() => find(wanted), within).toBeDefined()
      return find(wanted)!
    },
    async [Symbol.asyncDispose]() {
      socket.terminate()
    },
  }
}

/** Headers of a handshake; those that are undefined are left out. */
export type Handshake = Record<string, string | undefined>

/** Asks for a WebSocket in bytes, with headers in place of those that are right; resolves with the first line of the answer. */
export async function shakeHands(url: string, start: string, changes: Handshake): Promise<string> {
  const headers: Handshake = {
    host: 'x',
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...changes,
  }
  const rows = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : `${name}: ${value}`))
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let answer = ''
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString())).on('error', () => {})
  socket.write([start, ...rows, '', ''].join('\r\n'))
  await expect.poll(() => answer, within).toContain('\r\n')
  socket.destroy()
  return answer.slice(0, answer.indexOf('\r\n'))
}
