import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import type { NetConnectOpts, Socket } from 'node:net'

import type { CodecEvent } from '@keploy-framework/wire'
import { expect, test } from 'vitest'

import { serve } from '../../test/both-ways.ts'
import { startTap } from '../index.ts'

const MIB = 1024 * 1024
const size = Number(process.env['KEPLOY_TAP_MIB'] ?? 64) * MIB
const block = randomBytes(MIB)

/** Writes a head and a body of `size` bytes, never more than the other side takes. */
async function send(socket: Socket, head: string): Promise<void> {
  socket.write(head)
  for (let sent = 0; sent < size; sent += block.length) {
    if (!socket.write(block)) await once(socket, 'drain')
  }
}

/** The digest of a message of which only the length is known. */
async function receive(socket: Socket, length: number): Promise<string> {
  const hash = createHash('sha256')
  let left = length
  while (left > 0) {
    const chunk = socket.read() as Buffer | null
    if (chunk === null) await once(socket, 'readable')
    else {
      hash.update(chunk)
      left -= chunk.length
    }
  }
  return hash.digest('hex')
}

const requestHead = `POST / HTTP/1.1\r\nContent-Length: ${size}\r\n\r\n`
const responseHead = `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`

/** What each side received. */
async function converse(
  connect: NetConnectOpts,
  accepted: Promise<Socket>,
): Promise<{ client: string; server: string }> {
  const client = net.connect(connect)
  const service = accepted.then(async (socket) => {
    const digest = await receive(socket, requestHead.length + size)
    await send(socket, responseHead)
    return digest
  })
  await send(client, requestHead)
  const digests = { client: await receive(client, responseHead.length + size), server: await service }
  client.end()
  return digests
}

test(
  'bodies of any size arrive as sent, both ways, in constant memory, and only their digest is told',
  async () => {
    let accept: (socket: Socket) => void = () => {}
    const next = () => new Promise<Socket>((resolve) => (accept = resolve))
    await using origin = await serve((socket) => {
      socket.on('end', () => socket.end())
      accept(socket)
    })
    const direct = await converse(origin.target, next())
    const events: CodecEvent[] = []
    await using tap = await startTap({ listen: {}, target: origin.target, onEvent: (event) => events.push(event) })
    const before = process.memoryUsage().rss
    let peak = 0
    const sampler = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20)
    const tapped = await converse(tap.address, next()).finally(() => clearInterval(sampler))
    expect(tapped).toEqual(direct)
    expect(peak - before).toBeLessThan(200 * MIB)
    const closed = events.find((event) => event.type === 'close')
    expect(closed?.exchange).toMatchObject({
      state: 'complete',
      request: { body: { wireSize: size, omitted: { reason: 'limit', size } } },
      response: { body: { wireSize: size, omitted: { reason: 'limit', size } } },
    })
  },
  20_000 + size / 10_000,
)
