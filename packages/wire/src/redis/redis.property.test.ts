import type { CallContent, Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { CallEvent, ReadCall } from '../protocol/protocol.ts'
import { encodeCommand, encodeReply } from './encode-reply.ts'
import { mapOf } from './map-of.ts'
import { redisProtocol } from './redis-protocol.ts'
import { ReplyParser } from './reply-parser.ts'

const RUNS = { numRuns: 400 }
const bytes = fc.uint8Array({ maxLength: 12 }).map((value) => new Uint8Array(value))
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('__proto__', '1', 'OK', ''))
/** Bytes that are UTF-8 stand as text, so the others begin with one that never is. */
const word: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  text,
  bytes.map((value) => new Uint8Array([255, ...value])),
)
const line = fc.stringMatching(/^[ -~é]{0,20}$/)

const { two, three } = fc.letrec<{ two: Value; three: Value }>((tie) => ({
  two: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.integer(),
    fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n }).map((value) => ({ integer: String(value) })),
    line.map((status) => ({ status })),
    line.map((error) => ({ error })),
    fc.constantFrom<Value>(null, { nil: 'array' }),
    fc.array(tie('two'), { maxLength: 4 }),
  ),
  three: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.integer(),
    line.map((status) => ({ status })),
    word.map((blobError) => ({ blobError })),
    fc.constantFrom<Value>(null, true, false, { nil: '$' }, { nil: '*' }),
    fc.oneof(fc.double().map(String), fc.constantFrom('inf', '-inf', 'nan')).map((double) => ({ double })),
    fc.bigInt().map((value) => ({ bigNumber: String(value) })),
    word.map((verbatim) => ({ verbatim, format: 'txt' })),
    fc.array(tie('three'), { maxLength: 4 }),
    fc.array(tie('three'), { maxLength: 4 }).map((set) => ({ set })),
    fc.array(tie('three'), { maxLength: 6 }).map((items) => ({ map: mapOf(items.slice(0, items.length & ~1)) })),
    fc
      .tuple(fc.array(tie('three'), { maxLength: 4 }), tie('three'))
      .map(([items, of]) => ({ attributes: mapOf(items.slice(0, items.length & ~1)), of })),
  ),
}))

function parse(
  chunks: readonly Uint8Array[],
  version: 2 | 3,
): { values: Value[]; broken: string | undefined; partial: boolean } {
  const parser = new ReplyParser(1024 * 1024, version)
  const values: Value[] = []
  for (const chunk of chunks) {
    parser.push(chunk)
    for (let value = parser.next(); value !== undefined; value = parser.next()) values.push(value)
  }
  return { values, broken: parser.broken, partial: parser.partial }
}

const everyByte = (whole: Uint8Array): Uint8Array[] => [...whole].map((byte) => new Uint8Array([byte]))

/** Reads a whole connection, and tells what came of it. */
function read(
  steps: readonly (readonly ['client' | 'server', Uint8Array])[],
  limit?: number,
): { calls: ReadCall[]; gaps: string[]; open: number } {
  const calls: ReadCall[] = []
  const gaps: string[] = []
  let opened = 0
  let ids = 0
  const reader = redisProtocol.createReader(
    { connection: 1, nextId: () => ++ids, ...(limit !== undefined && { messageLimit: limit }) },
    (event: CallEvent) => {
      if (event.type === 'open') opened++
      else if (event.type === 'call') calls.push(event.call)
      else if (event.type === 'gap') gaps.push(event.reason)
    },
  )
  for (const [from, chunk] of steps) reader.push(from, chunk, 1)
  reader.stop(2)
  return { calls, gaps, open: opened - calls.length }
}

const COMMANDS = [
  'GET',
  'SET',
  'MULTI',
  'EXEC',
  'DISCARD',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'HELLO',
  'AUTH',
  'CLIENT',
  'SELECT',
  'RESET',
  'PING',
  'BLPOP',
  'QUIT',
  'XREAD',
]
const words = fc
  .tuple(
    fc.constantFrom(...COMMANDS),
    fc.array(fc.oneof(word, fc.constantFrom('3', 'REPLY', 'SKIP', 'OFF', 'BLOCK')), { maxLength: 4 }),
  )
  .map(([name, args]) => [name, ...args])
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.stringMatching(/^[*$+:%~>|_#=!,(-][0-9?\r\n$*a-z-]{0,40}$/).map((value) => Buffer.from(value)),
  words.map((value) => encodeCommand(value)),
  three.map((value) => encodeReply(value, 3)),
)

describe('Redis, whatever the bytes', () => {
  test('a reply is the same bytes again, in RESP2', () => {
    fc.assert(
      fc.property(two, (value) => {
        const bytes = encodeReply(value, 2)
        expect(parse([bytes], 2)).toEqual({ values: [value], broken: undefined, partial: false })
        expect(parse(everyByte(bytes), 2).values).toEqual([value])
      }),
      RUNS,
    )
  })

  test('a reply is the same bytes again, in RESP3', () => {
    fc.assert(
      fc.property(three, (value) => {
        const bytes = encodeReply(value, 3)
        const { values, broken } = parse([bytes], 3)
        expect(broken).toBeUndefined()
        expect(encodeReply(values[0] ?? null, 3).equals(bytes)).toBe(true)
        expect(parse(everyByte(bytes), 3).values).toEqual(values)
      }),
      RUNS,
    )
  })

  test('what RESP3 has is a whole message of RESP2', () => {
    fc.assert(
      fc.property(three, (value) => {
        expect(parse([encodeReply(value, 2)], 2)).toMatchObject({
          values: [expect.toSatisfy((item: unknown) => item !== undefined)],
          broken: undefined,
          partial: false,
        })
      }),
      { ...RUNS, examples: [[{ set: [] }]] },
    )
  })

  test('a document gives back the call', () => {
    const request = words.map(([name, ...args]) => ({ command: name as string, args }))
    const call = fc.record({ request, response: fc.oneof(two, three), db: fc.integer({ min: 0, max: 9 }) })
    fc.assert(
      fc.property(call, ({ request: { command, args }, response, db }) => {
        const content: CallContent = {
          protocol: 'redis',
          operation: command,
          request: { command, args, ...(db > 0 && { db }) },
          response,
          lifetime: 'test',
        }
        const mock = redisProtocol.mocks.encode(content)
        expect(redisProtocol.mocks.decode({ ...mock, lifetime: 'test' })).toEqual({ calls: [content] })
      }),
      RUNS,
    )
  })

  test('every opened call ends once, and a mock server says whole messages, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('client' as const, 'server' as const), noise), { maxLength: 12 }),
        (steps) => {
          const result = read(steps, 4096)
          expect(result.open).toBe(0)
          expect(result.gaps.length).toBeLessThanOrEqual(1)
          const sent: Uint8Array[] = []
          let closed = 0
          const server = redisProtocol.createMockServer({
            answer: ({ operation }) =>
              operation === 'GET' ? { type: 'answer', response: 'x' } : { type: 'miss', message: 'no\r\nsuch' },
            send: (bytes) => void sent.push(bytes),
            close: () => void closed++,
            schedule: () => () => undefined,
            startTls: () => undefined,
            address: { host: '127.0.0.1', port: 1 },
            recorded: () => [],
          })
          for (const [, chunk] of steps) server.push(chunk)
          server.deliver({ push: ['message', 'a', 'b'] })
          server.end()
          expect(closed).toBe(1)
          expect(parse(sent, 2)).toMatchObject({ broken: undefined, partial: false })
        },
      ),
      RUNS,
    )
  })

  test('a rewriter gives all bytes on, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('client' as const, 'server' as const), noise), { maxLength: 12 }),
        async (steps) => {
          const rewriter = redisProtocol.createRewriter?.({
            tls: 'off',
            relayFor: async (host, port) => ({ host, port }),
          })
          const given = { client: [] as Uint8Array[], server: [] as Uint8Array[] }
          const passed = { client: [] as Uint8Array[], server: [] as Uint8Array[] }
          for (const [from, chunk] of [...steps, ['server', Buffer.from('\u0000\n')] as const]) {
            given[from].push(chunk)
            const out = (await (from === 'client' ? rewriter?.fromClient(chunk) : rewriter?.fromServer(chunk))) ?? []
            for (const step of out) if (step.type === 'forward') passed[from].push(step.bytes)
          }
          expect(Buffer.concat(passed.client).equals(Buffer.concat(given.client))).toBe(true)
          const sent = Buffer.concat(given.server)
          const came = Buffer.concat(passed.server)
          // A message that is not whole may be held back.
          expect(sent.subarray(0, came.length).equals(came)).toBe(true)
        },
      ),
      RUNS,
    )
  })

  test('commands and replies cut at every byte, and cut off, are read or left open', () => {
    const asked = Buffer.concat(
      [['SET', 'a', new Uint8Array([255])], ['MULTI'], ['GET', 'a'], ['EXEC'], ['SUBSCRIBE', 'a', 'b'], ['PING']].map(
        (item) => encodeCommand(item),
      ),
    )
    const answered = Buffer.from(
      '+OK\r\n+OK\r\n+QUEUED\r\n*1\r\n$1\r\nx\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n*2\r\n$4\r\npong\r\n$0\r\n\r\n',
    )
    const whole = read([
      ['client', asked],
      ['server', answered],
    ])
    expect(whole.calls.map(({ operation, state }) => `${operation} ${state}`)).toEqual([
      'SET complete',
      'EXEC complete',
      'SUBSCRIBE complete',
      'PING complete',
    ])
    const bytewise = read([
      ...everyByte(asked).map((chunk) => ['client', chunk] as const),
      ...everyByte(answered).map((chunk) => ['server', chunk] as const),
    ])
    expect(bytewise).toEqual(whole)
    for (let cut = 0; cut < answered.length; cut++) {
      const { calls, gaps, open } = read([
        ['client', asked],
        ['server', answered.subarray(0, cut)],
      ])
      expect(gaps).toEqual([])
      expect(open).toBe(0)
      expect(calls.some(({ state }) => state === 'open')).toBe(true)
    }
    for (let cut = 0; cut < asked.length; cut++)
      expect(read([['client', asked.subarray(0, cut)]])).toMatchObject({ gaps: [], open: 0 })
  })

  test.for([
    '*2147483647\r\n',
    '$2147483647\r\n',
    '*-2\r\n',
    '$-2\r\n',
    '%2147483648\r\n',
    '$99999999999\r\n',
    '*?\r\n',
    '$?\r\n',
    '@\r\n',
    `+${'x'.repeat(70_000)}`,
    '*1\r\n'.repeat(200),
  ])('reply %#: what is no reply makes one gap', (reply) => {
    const { gaps, calls } = read([
      ['client', encodeCommand(['GET', 'a'])],
      ['server', Buffer.from(reply)],
      ['server', Buffer.from('+OK\r\n')],
    ])
    expect(gaps).toHaveLength(1)
    expect(calls).toMatchObject([{ operation: 'GET', state: 'aborted' }])
  })

  test.for([
    '*2147483647\r\n',
    '*1\r\n$2147483647\r\n',
    '*1\r\n$-1\r\n',
    '*1\r\n:1\r\n',
    '*x\r\n',
    'GET "a\r\n',
    'x'.repeat(70_000),
    '*1\r\n$1\r\nabc',
    '*1\r\n$7\r\nMONITOR\r\n',
  ])('command %#: what is no command makes one gap', (sent) => {
    const { gaps, calls } = read([
      ['client', Buffer.from(sent)],
      ['client', encodeCommand(['GET', 'a'])],
    ])
    expect(gaps).toHaveLength(1)
    expect(calls).toEqual([])
  })
})
