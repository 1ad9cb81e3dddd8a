import type { CallContent, Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { grpcProtocol } from '../http2/http2-protocol.ts'
import { messageKey } from './grpc-key.ts'
import { MessageSplitter, frameMessage, inflateMessage } from './grpc-messages.ts'
import { encodeProtoscope } from './protoscope-read.ts'
import { decodeProtoscope } from './protoscope-write.ts'

const hex = (text: string): string | undefined => encodeProtoscope(text)?.toString('hex')

describe('protobuf messages as text', () => {
  it('shows numbers, text, messages and bytes', () => {
    const message = Buffer.from('082a1203416e6e1a04080110022202ff00290000000000002440', 'hex')
    expect(decodeProtoscope(message)).toBe('1: 42\n2: {"Ann"}\n3: {\n  1: 1\n  2: 2\n}\n4: {`ff00`}\n5: 10.0\n')
  })

  it('reads what others write: comments, groups, wire types, suffixes and long forms', () => {
    expect(hex('1: 1500.75  # 0x4097730000000000i64\n')).toBe('090000000000739740')
    expect(hex('14:SGROUP\n14: 1.8174008e31i32   # 0x73656363i32\n14:EGROUP')).toBe('73756363657374')
    expect(hex('1: !{2: 3}')).toBe('0b10030c')
    expect(hex('1: -1z 2: 5i32 3: true 4: long-form:1 5')).toBe('080115050000001801208500')
    expect(hex('1: {"a\\x00\\"" "b" `ff`}')).toBe('0a0561002262ff')
  })

  it('says nothing of text with a mistake', () => {
    for (const text of ['1: {', '}', '1: "a', '1:', 'x', '1: {`f`', '!{1: 2'])
      expect(encodeProtoscope(text)).toBeUndefined()
    expect(encodeProtoscope('{'.repeat(100_000))).toBeUndefined()
  })

  it('comes back as the same bytes, or is left as bytes', () => {
    const any = fc.oneof(fc.uint8Array({ maxLength: 60 }), nested)
    let readable = 0
    fc.assert(
      fc.property(any, (bytes) => {
        const text = decodeProtoscope(bytes)
        if (text === undefined) return
        readable += 1
        expect(encodeProtoscope(text)).toEqual(Buffer.from(bytes))
        messageKey(text)
      }),
      { numRuns: 1500 },
    )
    expect(readable).toBeGreaterThan(300)
  })

  it('survives any text', () => {
    const token = fc.constantFrom(
      '1:',
      '{',
      '}',
      '"',
      '`',
      '!{',
      '5',
      '-',
      '0x',
      'i32',
      'long-form:9',
      '.',
      'e9',
      '\\',
      '#',
      '\n',
      ' ',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(token, fc.string({ maxLength: 5 })), { maxLength: 30 }), (parts) => {
        const bytes = encodeProtoscope(parts.join(''))
        expect(bytes === undefined || Buffer.isBuffer(bytes)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })
})

/** Messages with fields of every type, nested. */
const nested: fc.Arbitrary<Uint8Array> = fc.letrec<{ message: Buffer; field: Buffer }>((tie) => ({
  field: fc
    .tuple(
      fc.integer({ min: 1, max: 15 }),
      fc.oneof(
        { depthSize: 'small' },
        fc.integer({ min: 0, max: 127 }).map((value) => [0, Buffer.from([value])] as const),
        fc.double().map((value) => {
          const bytes = Buffer.alloc(8)
          bytes.writeDoubleLE(value)
          return [1, bytes] as const
        }),
        fc.float().map((value) => {
          const bytes = Buffer.alloc(4)
          bytes.writeFloatLE(value)
          return [5, bytes] as const
        }),
        fc
          .string({ unit: 'grapheme', maxLength: 12 })
          .map((text) => [2, Buffer.from([Buffer.byteLength(text), ...Buffer.from(text)])] as const),
        tie('message').map(
          (message) =>
            [
              2,
              message.length < 128 ? Buffer.concat([Buffer.from([message.length]), message]) : Buffer.from([0]),
            ] as const,
        ),
      ),
    )
    .map(([number, [type, bytes]]) => Buffer.concat([Buffer.from([number * 8 + type]), bytes])),
  message: fc.array(tie('field'), { maxLength: 4 }).map((fields) => Buffer.concat(fields)),
})).message

describe('frames of messages', () => {
  it('are found wherever the bytes are cut, compressed or not', () => {
    const bytes = Buffer.concat([
      frameMessage(Buffer.from('one'), false),
      frameMessage(Buffer.from('two'), true),
      frameMessage(Buffer.alloc(0), false),
    ])
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const splitter = new MessageSplitter(1000)
      const found = [...splitter.push(bytes.subarray(0, cut)), ...splitter.push(bytes.subarray(cut))]
      expect(found.map((one) => inflateMessage(one, 'gzip', 1000)?.toString())).toEqual(['one', 'two', ''])
    }
  })

  it('over the limit are refused before their bytes come', () => {
    const splitter = new MessageSplitter(1000)
    expect(splitter.push(Buffer.from([0, 0xff, 0xff, 0xff, 0xff]))).toEqual([])
    expect(splitter.problem).toContain('1000 bytes')
  })
})

const call = (more: Record<string, Value> = {}, response: Record<string, Value> = {}): CallContent => ({
  protocol: 'grpc',
  operation: 'demo.Talk/Say',
  request: {
    path: '/demo.Talk/Say',
    host: 'talk:50051',
    metadata: { 'content-type': 'application/grpc', 'x-tenant': 'a' },
    messages: ['1: 42\n'],
    ...more,
  },
  response: { metadata: { 'content-type': 'application/grpc' }, messages: ['1: {"hi"}\n'], status: 0, ...response },
  lifetime: 'test',
})

describe('documents of gRPC calls', () => {
  const back = (one: CallContent): unknown => {
    const written = grpcProtocol.mocks.encode(one)
    const found = grpcProtocol.mocks.decode({ ...written, lifetime: one.lifetime })
    return [written.kind, 'calls' in found ? found.calls : found]
  }

  it('are of the kind of Keploy for unary calls, and of our own for streams', () => {
    const failed = call(
      {},
      { metadata: {}, messages: [], status: 5, message: 'no such user', trailers: { 'x-a': '1' } },
    )
    const streamed = call(
      { messages: ['1: 1\n', '1: 2\n'] },
      { messages: ['1: 1\n', ''], timeline: [{ atMs: 1, after: 1 }, { atMs: 2.5 }] },
    )
    const binary = call({ messages: [new Uint8Array([255, 255])] })
    expect([call(), failed, streamed, binary].map((one) => back(one))).toEqual([
      ['gRPC', [call()]],
      ['gRPC', [failed]],
      ['Call', [streamed]],
      ['Call', [binary]],
    ])
  })

  it('hold what Keploy needs', () => {
    expect(grpcProtocol.mocks.encode(call()).spec).toMatchObject({
      grpcReq: {
        headers: { pseudo_headers: { ':authority': 'talk:50051', ':path': '/demo.Talk/Say' } },
        body: { compression_flag: 0, message_length: 2, decoded_data: '1: 42\n' },
      },
      grpcResp: { trailers: { ordinary_headers: { 'grpc-status': '0', 'grpc-message': '' } } },
    })
  })

  it('come back as the call that was written', () => {
    const text = nested.map((bytes) => decodeProtoscope(bytes) ?? new Uint8Array(bytes))
    const arbitrary = fc.record({
      asked: fc.array(text, { maxLength: 2 }),
      answered: fc.array(text, { maxLength: 2 }),
      status: fc.integer({ min: 0, max: 16 }),
      message: fc.string({ minLength: 1 }),
    })
    fc.assert(
      fc.property(arbitrary, ({ asked, answered, status, message }) => {
        const one = call({ messages: asked }, { messages: answered, status, message })
        expect((back(one) as unknown[])[1]).toEqual([one])
      }),
      { numRuns: 300 },
    )
  })

  it('report what is no call', () => {
    const decode = (spec: Record<string, Value>): unknown =>
      grpcProtocol.mocks.decode({ kind: 'gRPC', spec: spec as never, lifetime: 'test' })
    expect(decode({})).toHaveProperty('problem')
    expect(decode({ grpcReq: {}, grpcResp: {} })).toHaveProperty('problem')
    expect(decode({ grpcReq: { body: { decoded_data: '1: {' } }, grpcResp: {} })).toHaveProperty('problem')
  })
})

describe('what has to be equal', () => {
  const key = (more: Record<string, Value>): Value => grpcProtocol.match.key(call(more).request)

  it('is each field of a message, the method and the metadata of the API', () => {
    expect(messageKey('1: 42\n2: {"Ann"}\n2: {"Bob"}\n3: {\n  1: 1\n}\n')).toEqual({
      1: 42,
      2: ['Ann', 'Bob'],
      3: { 1: 1 },
    })
    expect(key({ messages: ['1: 43\n'] })).not.toEqual(key({}))
    expect(key({ path: '/demo.Talk/Other' })).not.toEqual(key({}))
    expect(key({ metadata: { 'x-tenant': 'b' } })).not.toEqual(key({}))
    expect(
      key({ metadata: { 'x-tenant': 'a', 'grpc-timeout': '5S', 'user-agent': 'grpc-go', authorization: 'x' } }),
    ).toEqual(key({}))
  })
})
