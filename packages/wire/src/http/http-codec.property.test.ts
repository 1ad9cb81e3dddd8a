import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { closed, END, everyByte, gaps, play } from '../../test/exchanges.ts'
import type { Step } from '../../test/exchanges.ts'
import { fuzzHttp } from '../../test/fuzz.ts'
import { closePayload, encodeChunk, encodeFrame, encodeLastChunk } from '../index.ts'

const token = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,12}$/)
  .filter((name) => !/^(content|transfer|upgrade)/i.test(name))
const value = fc.stringMatching(/^[!-~\xa1-\xff]{0,20}$/)
const headers = fc.array(
  fc.tuple(
    token.map((name) => `X-${name}`),
    value,
  ),
  { maxLength: 4 },
)
const body = fc.uint8Array({ maxLength: 200 })
const chunked = fc.boolean()
const coding = fc.constantFrom('', 'gzip', 'br', 'zstd')

interface Message {
  headers: [string, string][]
  body: Uint8Array
  chunked: boolean
  coding: string
}

const message: fc.Arbitrary<Message> = fc.record({ headers, body, chunked, coding })

function encoded(coding: string, bytes: Uint8Array): Uint8Array {
  if (coding === 'gzip') return gzipSync(bytes)
  if (coding === 'br') return brotliCompressSync(bytes)
  return coding === 'zstd' ? zstdCompressSync(bytes) : bytes
}

function write(start: string, one: Message): Buffer {
  const payload = encoded(one.coding, one.body)
  const lines = one.headers.map(([name, text]) => `${name}: ${text}\r\n`).join('')
  const type = one.coding === '' ? '' : `Content-Encoding: ${one.coding}\r\n`
  if (!one.chunked) {
    const head = Buffer.from(`${start}\r\n${lines}${type}Content-Length: ${payload.length}\r\n\r\n`, 'latin1')
    return Buffer.concat([head, payload])
  }
  const head = Buffer.from(`${start}\r\n${lines}${type}Transfer-Encoding: chunked\r\n\r\n`, 'latin1')
  const half = Math.floor(payload.length / 2)
  const parts = [payload.subarray(0, half), payload.subarray(half)].map((part) => encodeChunk(part))
  return Buffer.concat([head, ...parts, encodeLastChunk(one.headers)])
}

function essence(steps: Step[], cut?: (bytes: Buffer) => Iterable<Buffer>) {
  const events = play(steps, {}, cut)
  return { gaps: gaps(events), exchanges: closed(events) }
}

describe('any exchange', () => {
  test('comes out as it went in, and the same however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(message, message), { minLength: 1, maxLength: 4 }), fc.integer(), (pairs, seed) => {
        const steps: Step[] = [
          ['client', Buffer.concat(pairs.map(([request], index) => write(`POST /${index} HTTP/1.1`, request)))],
          ['server', Buffer.concat(pairs.map(([, response]) => write('HTTP/1.1 200 OK', response)))],
          ['client', END],
          ['server', END],
        ]
        const whole = essence(steps)
        expect(whole.gaps).toEqual([])
        expect(whole.exchanges).toHaveLength(pairs.length)
        for (const [index, [request, response]] of pairs.entries()) {
          const exchange = whole.exchanges[index]
          expect(exchange?.request.target).toBe(`/${index}`)
          expect(Buffer.from(exchange?.request.body.bytes ?? [])).toEqual(Buffer.from(request.body))
          expect(Buffer.from(exchange?.response?.body.bytes ?? [])).toEqual(Buffer.from(response.body))
          expect(exchange?.response?.headers.slice(0, response.headers.length)).toEqual(response.headers)
          expect(exchange?.response?.trailers).toEqual(response.chunked ? response.headers : [])
        }
        expect(essence(steps, everyByte)).toEqual(whole)
        expect(essence(steps, cutter(seed))).toEqual(whole)
      }),
      { numRuns: 150 },
    )
  })
})

/** Cuts at random places that a seed decides. */
function cutter(seed: number): (bytes: Buffer) => Iterable<Buffer> {
  let state = seed >>> 0
  return function* cut(bytes) {
    for (let at = 0; at < bytes.length;) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      const stop = Math.min(bytes.length, at + 1 + (state % 37))
      yield bytes.subarray(at, stop)
      at = stop
    }
  }
}

describe('fixed conversations', () => {
  const upgrade = 'GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n'
  const switched = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n'
  const conversations: [string, Step[]][] = [
    [
      'server-sent events',
      [
        ['client', 'GET / HTTP/1.1\r\n\r\n'],
        ['server', 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'],
        ['server', Buffer.from('\ufeffevent: a\r\ndata: é€😀\r\rid: 1\ndata: x\n\n: c\n\n')],
        ['server', END],
      ],
    ],
    [
      'WebSocket messages',
      [
        ['client', upgrade],
        ['server', switched],
        ['client', encodeFrame(Buffer.from('héllo'), { opcode: 1, mask: Buffer.from([1, 2, 3, 4]) })],
        [
          'server',
          Buffer.concat([
            encodeFrame(Buffer.alloc(70_000, 1), { opcode: 2 }),
            encodeFrame(closePayload(1000, 'bye'), { opcode: 8 }),
          ]),
        ],
        ['client', END],
        ['server', END],
      ],
    ],
    [
      'an interim answer and an early one',
      [
        ['client', 'POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab'],
        [
          'server',
          'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nok\r\n0\r\n\r\n',
        ],
        ['client', 'cd'],
      ],
    ],
  ]

  test.each(conversations)('%s are the same when cut at every byte boundary', (_name, steps) => {
    const whole = essence(steps)
    expect(whole.gaps).toEqual([])
    expect(whole.exchanges).toHaveLength(1)
    expect(essence(steps, everyByte)).toEqual(whole)
  })
})

describe('garbage', () => {
  test('never throws, and every exchange that opens closes once', () => {
    const counts = fuzzHttp(1, 3000)
    expect(counts.exchanges).toBeGreaterThan(1000)
    expect(counts.gaps).toBeGreaterThan(1000)
  })

  test('random bytes are at most one gap on each side', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('client' as const, 'server' as const), fc.uint8Array())),
        (steps) => {
          expect(gaps(play(steps)).length).toBeLessThanOrEqual(2)
        },
      ),
    )
  })

  test('a long stream of garbage or of body keeps memory where it was', () => {
    const chunk = Buffer.alloc(64 * 1024, 'a')
    const endless: Step[] = [
      ['client', `PUT / HTTP/1.1\r\nContent-Length: ${2 ** 40}\r\n\r\n`],
      ...Array.from({ length: 4000 }, (): Step => ['client', chunk]),
      'STOP',
    ]
    const before = process.memoryUsage().arrayBuffers
    const [exchange] = closed(play(endless))
    expect(exchange?.request.body.omitted).toMatchObject({ reason: 'limit', size: 4000 * chunk.length })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024)
  })
})
