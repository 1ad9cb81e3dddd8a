import http2 from 'node:http2'
import { Duplex } from 'node:stream'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { MockAnswer, MockMiss, MockRequest } from '../protocol/mock-server.ts'
import type { CallEvent, ReadCall } from '../protocol/protocol.ts'
import { FrameParser, PREFACE } from './frame-parser.ts'
import { HpackDecoder } from './hpack-decoder.ts'
import { grpcProtocol } from './http2-protocol.ts'

type Chunk = readonly ['client' | 'server', Buffer]

/** The bytes of both sides of a connection between Node's own client and server. */
async function record(
  use: (client: http2.ClientHttp2Session) => Promise<void>,
  answer: (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void,
): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  const side = (from: 'client' | 'server', other: () => Duplex): Duplex =>
    new Duplex({
      read: () => {},
      write(chunk: Buffer, _encoding, done) {
        chunks.push([from, Buffer.from(chunk)])
        setImmediate(() => other().push(Buffer.from(chunk)))
        done()
      },
      final: (done) => {
        other().push(null)
        done()
      },
    })
  const toServer: Duplex = side('client', () => toClient)
  const toClient: Duplex = side('server', () => toServer)
  const server = http2.performServerHandshake(toClient)
  server.on('stream', answer)
  server.on('error', () => {})
  const client = http2.connect('http://a.test:8080', { createConnection: () => toServer })
  await use(client)
  client.destroy()
  server.destroy()
  return chunks
}

async function ask(
  client: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders,
  body?: Buffer,
): Promise<string> {
  const stream = client.request(headers)
  stream.end(body)
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

function read(chunks: readonly (readonly ['client' | 'server', Uint8Array])[], limit?: number): CallEvent[] {
  const events: CallEvent[] = []
  let ids = 0
  const options = { connection: 1, nextId: () => ++ids, ...(limit !== undefined && { messageLimit: limit }) }
  const reader = grpcProtocol.createReader(options, (event) => events.push(event))
  for (const [from, chunk] of chunks) reader.push(from, chunk, 5)
  reader.end('client', 6)
  reader.end('server', 6)
  reader.stop(6)
  return events
}

const callsOf = (events: readonly CallEvent[]): ReadCall[] =>
  events.flatMap((event) => (event.type === 'call' ? [event.call] : []))

const long = 'v'.repeat(40_000)

async function sample(): Promise<Chunk[]> {
  return await record(
    async (client) => {
      await Promise.all([
        ask(client, { ':path': '/a?x=1', 'x-long': long }),
        ask(client, { ':path': '/b', ':method': 'POST', 'content-type': 'application/json' }, Buffer.from('{"a":1}')),
      ])
      await ask(client, { ':path': '/a?x=1', 'x-again': 'a~^|{}<>' })
    },
    (stream, headers) => {
      stream.respond({ ':status': 200, 'x-path': headers[':path'] ?? '', 'x-long': long }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-end': '1' }))
      stream.end(`hello ${headers[':path'] ?? ''}`)
    },
  )
}

describe('calls of HTTP/2', () => {
  it('reads multiplexed streams, long header sections and trailers', async () => {
    const events = read(await sample())
    expect(events.filter(({ type }) => type === 'gap')).toEqual([])
    const calls = callsOf(events)
    expect(calls.map(({ operation, state }) => [operation, state])).toEqual([
      ['GET', 'complete'],
      ['POST', 'complete'],
      ['GET', 'complete'],
    ])
    expect(calls[1]?.request).toMatchObject({ method: 'POST', host: 'a.test:8080', target: '/b', body: '{"a":1}' })
    expect(calls[0]?.request).toMatchObject({ headers: { 'x-long': long } })
    expect(calls[0]?.response).toMatchObject({
      status: 200,
      version: '2',
      body: 'hello /a?x=1',
      trailers: { 'x-end': '1' },
    })
  })

  it('reads the same wherever the bytes are cut, and tells one call for each request however they end', async () => {
    const chunks = await sample()
    const plain = (calls: readonly ReadCall[]): unknown => calls.map(({ request, response }) => [request, response])
    const whole = plain(callsOf(read(chunks)))
    const single = chunks.flatMap(([from, chunk]) =>
      chunk.length > 4000
        ? [[from, chunk] as const]
        : Array.from(chunk, (_, index) => [from, chunk.subarray(index, index + 1)] as const),
    )
    expect(plain(callsOf(read(single)))).toEqual(whole)
    for (let count = 0; count < single.length; count += Math.ceil(single.length / 12)) {
      const events = read(single.slice(0, count))
      expect(callsOf(events)).toHaveLength(events.filter(({ type }) => type === 'open').length)
      expect(events.filter(({ type }) => type === 'gap')).toEqual([])
    }
  })

  it('tells a gap for a body over the limit', async () => {
    const events = read(await sample(), 5)
    expect(events.filter(({ type }) => type === 'gap')).toHaveLength(1)
    expect(callsOf(events).every((call) => call.response === undefined)).toBe(true)
  })

  it('survives any bytes from either side', async () => {
    const chunks = await sample()
    const bytes = chunks.map(([, chunk]) => chunk)
    const frame = fc
      .tuple(
        fc.constantFrom(0, 5, 9, 16_777_215),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 255 }),
        fc.constantFrom(0, 1, 2, 3, 2 ** 31 - 1),
        fc.uint8Array({ maxLength: 16 }),
      )
      .map(([length, type, flags, stream, payload]) => {
        const head = Buffer.alloc(9)
        head.writeUIntBE(length === 5 ? payload.length : length, 0, 3)
        head[3] = type
        head[4] = flags
        head.writeUInt32BE(stream, 5)
        return Buffer.concat([head, payload])
      })
    const piece = fc.oneof(frame, fc.constantFrom(...bytes), fc.uint8Array({ maxLength: 60 }), fc.constant(PREFACE))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom<'client' | 'server'>('client', 'server'), piece), { maxLength: 14 }),
        (rest) => {
          const events = read([['client', PREFACE], ...rest])
          expect(callsOf(events)).toHaveLength(events.filter(({ type }) => type === 'open').length)
          expect(events.filter(({ type }) => type === 'gap').length).toBeLessThanOrEqual(1)
          for (const { request } of callsOf(events)) grpcProtocol.match.key(request)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('reads header sections of any bytes without an error', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), (sections) => {
        const decoder = new HpackDecoder()
        for (const section of sections) {
          const headers = decoder.decode(Buffer.from(section))
          expect(typeof headers === 'string' || Array.isArray(headers)).toBe(true)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('reads the Huffman code and the table of RFC 7541, C.4', () => {
    const decoder = new HpackDecoder()
    const decode = (hex: string): unknown => decoder.decode(Buffer.from(hex, 'hex'))
    expect(decode('828684418cf1e3c2e5f23a6ba0ab90f4ff')).toEqual([
      [':method', 'GET'],
      [':scheme', 'http'],
      [':path', '/'],
      [':authority', 'www.example.com'],
    ])
    expect(decode('828684be5886a8eb10649cbf')).toContainEqual(['cache-control', 'no-cache'])
    expect(decode('828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf')).toContainEqual(['custom-key', 'custom-value'])
  })

  it('takes no frame that is not whole, and none that can not be', () => {
    const parser = new FrameParser('server')
    parser.push(Buffer.from([0, 0, 1, 0, 8, 0, 0, 0, 1, 200]))
    expect(parser.next()).toBeUndefined()
    expect(parser.problem).toContain('padding')
  })
})

interface Served {
  readonly sent: Buffer[]
  readonly closed: string[]
  readonly asked: MockRequest[]
  push(bytes: Uint8Array): void
  close(): void
}

function serve(answer: MockAnswer | MockMiss): Served {
  const served = { sent: [] as Buffer[], closed: [] as string[], asked: [] as MockRequest[] }
  const server = grpcProtocol.createMockServer({
    answer(request) {
      served.asked.push(request)
      return answer
    },
    send: (bytes) => served.sent.push(Buffer.from(bytes)),
    close: (how) => served.closed.push(how),
    schedule: () => () => {},
    startTls: () => {},
    address: { host: '127.0.0.1', port: 1 },
    recorded: () => [],
  })
  return { ...served, push: (bytes) => server.push(bytes), close: () => server.close() }
}

const settle = async (): Promise<void> => {
  for (let index = 0; index < 6; index += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('the mock server of HTTP/2', () => {
  it('answers a recorded client, with bytes cut anywhere', async () => {
    const client = (await sample()).filter(([from]) => from === 'client').map(([, chunk]) => chunk)
    const bytes = Buffer.concat(client)
    for (const step of [1009, 9973, bytes.length]) {
      const served = serve({ type: 'miss', message: 'none' })
      for (let at = 0; at < bytes.length; at += step) served.push(bytes.subarray(at, at + step))
      await expect.poll(() => served.asked.length).toBe(3)
      expect(served.asked.map(({ operation }) => operation).toSorted()).toEqual(['GET', 'GET', 'POST'])
      // What was asked is a call of HTTP, not of gRPC: only so a recorded one can answer it.
      expect(served.asked.map(({ protocol = 'grpc' }) => protocol)).toEqual(['http', 'http', 'http'])
      served.close()
    }
  })

  it('survives any bytes', async () => {
    const client = (await sample()).filter(([from]) => from === 'client').map(([, chunk]) => chunk)
    const piece = fc.oneof(fc.uint8Array({ maxLength: 60 }), fc.constantFrom<Uint8Array>(...client))
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 6 }),
        fc.constantFrom<Uint8Array>(PREFACE, Buffer.alloc(0)),
        async (pieces, start) => {
          const served = serve({
            type: 'answer',
            response: { status: 200, headers: { 'bad header': '1', Connection: 'close' }, body: 'x' },
          })
          served.push(start)
          for (const one of pieces) served.push(one)
          await settle()
          served.close()
          expect(served.closed.length).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 300 },
    )
  })
})
