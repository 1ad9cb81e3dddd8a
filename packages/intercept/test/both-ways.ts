import { once } from 'node:events'
import net from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

import type { CodecEvent } from '@keploy-framework/wire'

import { startTap } from '../src/index.ts'
import type { TapListen, TapTarget } from '../src/index.ts'

/** A conversation: what the service does with a connection, and what the client does. */
export interface Scenario {
  serve(socket: Socket): void
  drive(socket: Socket): Promise<void> | void
}

/** What one side received, and how its connection ended. */
export interface Received {
  readonly bytes: string
  readonly end: string
}

/** What both sides saw of a conversation. */
export interface Outcome {
  readonly client: Received
  readonly server: Received
}

/** Remembers all that a socket receives, until it is closed. */
function watch(socket: Socket): Promise<Received> {
  const chunks: Buffer[] = []
  let end = ''
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('end', () => {
    end += 'end '
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end += error.code ?? ''
  })
  return new Promise((resolve) => {
    socket.on('close', () => resolve({ bytes: Buffer.concat(chunks).toString('latin1'), end: end.trim() }))
  })
}

/** A server on a free port or a socket path, closed with all its connections on disposal. */
export async function serve(
  handler: (socket: Socket) => void,
  listen: { path: string } | { host: string; port: number } = { host: '127.0.0.1', port: 0 },
): Promise<{ target: TapTarget & TapListen } & AsyncDisposable> {
  const sockets = new Set<Socket>()
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    handler(socket)
  })
  server.listen(listen)
  await once(server, 'listening')
  const target = 'path' in listen ? listen : { host: listen.host, port: (server.address() as AddressInfo).port }
  return {
    target,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      if (server.listening) await once(server, 'close')
    },
  }
}

async function converse(scenario: Scenario, target: net.NetConnectOpts, accepted: Promise<Received>): Promise<Outcome> {
  const socket = net.connect({ ...target, allowHalfOpen: true, noDelay: true } as net.NetConnectOpts)
  const received = watch(socket)
  await once(socket, 'connect')
  await scenario.drive(socket)
  return { client: await received, server: await accepted }
}

/** Where the two sides of the tap are. */
export interface Places {
  readonly listen?: TapListen
  readonly origin?: { path: string } | { host: string; port: number }
}

/** Holds a conversation twice, directly and through a tap, and returns what was seen each time. */
export async function bothWays(
  scenario: Scenario,
  places: Places = {},
): Promise<{ direct: Outcome; tapped: Outcome; events: CodecEvent[] }> {
  let accepted: (received: Promise<Received>) => void = () => {}
  const next = () =>
    new Promise<Received>((resolve) => {
      accepted = (received) => resolve(received)
    })
  await using origin = await serve((socket) => {
    accepted(watch(socket))
    scenario.serve(socket)
  }, places.origin)
  const direct = await converse(scenario, origin.target, next())
  const events: CodecEvent[] = []
  await using tap = await startTap({
    listen: places.listen ?? {},
    target: origin.target,
    onEvent: (event) => events.push(event),
    beforeRelease: () => {},
  })
  const tapped = await converse(scenario, tap.address, next())
  return { direct, tapped, events }
}

/** Resolves when a socket has received, since it was connected, text that ends the wait. */
export function until(socket: Socket, text: string): Promise<void> {
  return new Promise((resolve) => {
    let seen = ''
    const look = (chunk: Buffer) => {
      seen += chunk.toString('latin1')
      if (!seen.includes(text)) return
      socket.off('data', look)
      resolve()
    }
    socket.on('data', look)
  })
}
