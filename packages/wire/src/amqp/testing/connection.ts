import type { Value } from '@keploy-framework/format'

import type { MockAnswer, MockMiss, MockRequest } from '../../protocol/mock-server.ts'
import type { CallEvent, ReadCall } from '../../protocol/protocol.ts'
import { amqpProtocol } from '../amqp-protocol.ts'
import { FrameReader, type ChannelMethod } from '../frame-reader.ts'
import type { MethodTree } from '../method-codec.ts'
import { writeFrames } from '../write-frames.ts'

export const BEGIN: Buffer = Buffer.from('AMQP\0\0\x09\x01', 'latin1')

export type Step = readonly [from: 'client' | 'server', bytes: Uint8Array]

/** Methods of one channel as bytes. */
export function steps(channel: number, methods: readonly (readonly ['client' | 'server', MethodTree])[]): Step[] {
  return methods.map(([from, tree]): Step => [from, writeFrames(channel, tree, 4096)])
}

/** What a reader tells of a connection. */
export function read(
  bytes: readonly Step[],
  finish?: 'end' | 'abort' | 'stop',
  messageLimit?: number,
): { calls: ReadCall[]; events: CallEvent[] } {
  const events: CallEvent[] = []
  let ids = 0
  const options = { connection: 1, nextId: () => ++ids, ...(messageLimit !== undefined && { messageLimit }) }
  const reader = amqpProtocol.createReader(options, (event) => events.push(event))
  for (const [index, [from, chunk]] of bytes.entries()) reader.push(from, chunk, index)
  if (finish === 'end') reader.end('server', 99)
  else if (finish !== undefined) reader[finish](99)
  const calls = events.flatMap((event) => (event.type === 'call' ? [event.call] : []))
  return { events, calls: calls.toSorted((one, other) => one.id - other.id) }
}

export interface Mocked {
  push(bytes: Uint8Array): void
  deliver(message: Value): void
  /** Whole methods that were sent. */
  sent(): ChannelMethod[]
  raw(): Buffer
  /** The length of the longest frame that was sent. */
  frames(): number
  readonly asked: MockRequest[]
  readonly closed: string[]
  readonly timers: { readonly delayMs: number; readonly run: () => void }[]
}

/** A mock server of one connection. */
export function mock(
  answer: (request: MockRequest) => MockAnswer | MockMiss,
  recorded: readonly { request: Value; response?: Value }[] = [],
): Mocked {
  const out: Uint8Array[] = []
  const asked: MockRequest[] = []
  const closed: string[] = []
  const timers: { delayMs: number; run: () => void }[] = []
  const server = amqpProtocol.createMockServer({
    answer(request) {
      asked.push(request)
      return answer(request)
    },
    send: (bytes) => out.push(bytes),
    close: (how) => closed.push(how),
    schedule(delayMs, run) {
      timers.push({ delayMs, run })
      return () => {}
    },
    startTls: () => {},
    address: { host: '127.0.0.1', port: 4000 },
    recorded: () => recorded,
  })
  const raw = (): Buffer => Buffer.concat(out)
  return {
    push: (bytes) => server.push(bytes),
    deliver: (message) => server.deliver(message),
    raw,
    asked,
    closed,
    timers,
    sent() {
      const frames = new FrameReader(1e8)
      frames.push(raw())
      const methods: ChannelMethod[] = []
      for (let next = frames.next(); next !== undefined && !('problem' in next); next = frames.next())
        methods.push(next)
      return methods
    },
    frames() {
      const bytes = raw()
      let longest = 0
      for (let at = 0; at < bytes.length;) {
        const length = bytes.readUInt32BE(at + 3) + 8
        longest = Math.max(longest, length)
        at += length
      }
      return longest
    },
  }
}
