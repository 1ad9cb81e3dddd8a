import { createHttpCodec } from '../src/index.ts'
import type { CodecEvent } from '../src/index.ts'

/** A small generator of repeatable random numbers (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const CLIENT = [
  'GET / HTTP/1.1\r\n',
  'POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello',
  'POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
  '5\r\nhello\r\n',
  '0\r\n\r\n',
  '0\r\nA: b\r\n\r\n',
  'Upgrade: websocket\r\nConnection: upgrade\r\n',
  'Content-Length: 99999999999999\r\n',
  'X: y\r\n z\r\n',
  '\r\n',
  '\n',
  'CONNECT a:1 HTTP/1.1\r\n\r\n',
  'HEAD / HTTP/1.0\n\n',
]
const SERVER = [
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 101 S\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: br\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n\r\n{"a":1}\n',
  'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n\x1f\x8b\x08garbag',
  'HTTP/1.1 304 N\r\n\r\n',
  '3\r\nabc\r\n',
  '0\r\n\r\n',
  'data: x\n\n',
  '\x81\x02hi',
  '\xc1\x03abc',
  '\x88\x00',
]

/** Whole conversations, for runs that get past the heads. */
const OPENINGS: readonly (readonly [client: string, server: string])[] = [
  ['POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['GET / HTTP/1.1\r\n\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n'],
  ['GET / HTTP/1.1\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: x\n'],
  [
    'GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n',
    'HTTP/1.1 101 S\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
  ],
]

function piece(random: () => number, words: readonly string[]): Buffer {
  const kind = random()
  if (kind < 0.15) {
    return Buffer.from(Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256)))
  }
  const bytes = Buffer.from(words[Math.floor(random() * words.length)] ?? '', 'latin1')
  if (kind < 0.3 && bytes.length > 0) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
  return kind < 0.5 ? bytes.subarray(0, Math.floor(random() * bytes.length)) : bytes
}

/**
 * Feeds broken and unbroken pieces of HTTP to the codec. Throws, naming the seed, when the codec throws, opens an exchange
 * without closing it, closes one twice, or tells the same broken side again and again. Returns the events counted.
 */
export function fuzzHttp(seed: number, iterations: number): { events: number; exchanges: number; gaps: number } {
  const counts = { events: 0, exchanges: 0, gaps: 0 }
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const random = randomOf(seed + iteration)
    const open = new Set<number>()
    let id = 0
    let gaps = 0
    const onEvent = (event: CodecEvent): void => {
      counts.events += 1
      if (event.type === 'open') open.add(event.id)
      else if (event.type === 'gap') gaps += 1
      else if (!open.has(event.id)) throw new Error(`an event for exchange ${event.id}, which is not open`)
      if (event.type === 'close') {
        open.delete(event.id)
        counts.exchanges += 1
      }
    }
    try {
      const options = { connection: 1, nextId: () => (id += 1), bodyLimit: 64, headLimit: 400, streamLimit: 256 }
      const codec = createHttpCodec(options, onEvent)
      const opening = OPENINGS[Math.floor(random() * OPENINGS.length * 1.3)]
      if (opening !== undefined) {
        codec.push('client', Buffer.from(opening[0], 'latin1'), 0)
        codec.push('server', Buffer.from(opening[1], 'latin1'), 0)
      }
      const steps = 1 + Math.floor(random() * 30)
      for (let step = 0; step < steps; step += 1) {
        const from = random() < 0.5 ? 'client' : 'server'
        if (random() < 0.03) codec.end(from, step)
        else codec.push(from, piece(random, from === 'client' ? CLIENT : SERVER), step)
      }
      if (random() < 0.5) codec.abort(steps)
      else codec.stop(steps)
      if (open.size > 0) throw new Error(`${open.size} exchanges never closed`)
      if (gaps > steps + 2) throw new Error(`${gaps} gaps in ${steps} steps`)
    } catch (error) {
      throw new Error(`The codec failed on seed ${seed + iteration}: ${String(error)}`, { cause: error })
    }
    counts.gaps += gaps
  }
  return counts
}
