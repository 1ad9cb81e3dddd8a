import type { Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { MockAnswer, MockMiss, MockRequest } from '../protocol/mock-server.ts'
import type { CallEvent, ReadCall } from '../protocol/protocol.ts'
import { httpProtocol } from './http-protocol.ts'

function read(chunks: readonly (readonly ['client' | 'server', Uint8Array])[], limit?: number): CallEvent[] {
  const events: CallEvent[] = []
  let ids = 0
  const options = { connection: 1, nextId: () => ++ids, ...(limit !== undefined && { messageLimit: limit }) }
  const reader = httpProtocol.createReader(options, (event) => events.push(event))
  let at = 0
  for (const [from, chunk] of chunks) reader.push(from, chunk, ++at)
  reader.end('client', ++at)
  reader.end('server', at)
  reader.stop(at)
  return events
}

const callsOf = (events: readonly CallEvent[]): ReadCall[] =>
  events.flatMap((event) => (event.type === 'call' ? [event.call] : []))

function serve(
  chunks: readonly Uint8Array[],
  answer: (request: MockRequest) => MockAnswer | MockMiss,
): { sent: string; closed: string[] } {
  let sent = ''
  const closed: string[] = []
  const server = httpProtocol.createMockServer({
    answer,
    send: (bytes) => (sent += Buffer.from(bytes).toString('latin1')),
    close: (how) => closed.push(how),
    schedule: () => () => {},
    startTls: () => {},
    address: { host: '127.0.0.1', port: 1 },
    recorded: () => [],
  })
  for (const chunk of chunks) server.push(chunk)
  server.end()
  server.close()
  return { sent, closed }
}

const REQUEST = Buffer.from(
  'POST /pay?x=1 HTTP/1.1\r\nHost: API.example.com:443\r\nAuthorization: Bearer topsecret\r\nCookie: s=topsecret; t=2\r\n' +
    'X-Api-Key: topsecret\r\nUser-Agent: a/1\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{"amount":10}',
)
const RESPONSE = Buffer.from(
  'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '5\r\n{"id"\r\n3\r\n:1}\r\n0\r\n\r\n',
)

describe('calls of HTTP/1.1', () => {
  it('reads a request and its answer as trees, without framing and credentials', () => {
    const events = read([
      ['client', REQUEST],
      ['server', RESPONSE],
    ])
    expect(events.map(({ type }) => type)).toEqual(['open', 'call'])
    const [call] = callsOf(events)
    expect(call).toMatchObject({ protocol: 'http', operation: 'POST', state: 'complete', lifetime: 'test' })
    expect(call?.request).toEqual({
      method: 'POST',
      host: 'API.example.com:443',
      target: '/pay?x=1',
      headers: {
        Authorization: 'Bearer [credential]',
        Cookie: 's=[credential]; t=[credential]',
        'X-Api-Key': '[credential]',
        'User-Agent': 'a/1',
        'Content-Type': 'application/json',
      },
      body: '{"amount":10}',
    })
    expect(call?.response).toEqual({
      status: 201,
      reason: 'Created',
      version: '1.1',
      headers: { 'Content-Type': 'application/json', 'Set-Cookie': ['a=1', 'b=2'], 'Transfer-Encoding': 'chunked' },
      body: '{"id":1}',
    })
    expect(JSON.stringify(events)).not.toContain('topsecret')
  })

  it('reads the same calls wherever the bytes are cut', () => {
    const whole = callsOf(
      read([
        ['client', Buffer.concat([REQUEST, REQUEST])],
        ['server', Buffer.concat([RESPONSE, RESPONSE])],
      ]),
    )
    expect(whole).toHaveLength(2)
    const contents = (calls: readonly ReadCall[]): unknown => calls.map(({ request, response }) => [request, response])
    for (let cut = 1; cut < REQUEST.length; cut += 1) {
      const pieces = [REQUEST.subarray(0, cut), REQUEST.subarray(cut), REQUEST]
      const events = read([
        ...pieces.map((one) => ['client', one] as const),
        ['server', RESPONSE],
        ['server', RESPONSE],
      ])
      expect(contents(callsOf(events))).toEqual(contents(whole))
    }
    for (let cut = 1; cut < RESPONSE.length; cut += 1) {
      const pieces = [RESPONSE.subarray(0, cut), RESPONSE.subarray(cut), RESPONSE]
      const events = read([['client', REQUEST], ['client', REQUEST], ...pieces.map((one) => ['server', one] as const)])
      expect(contents(callsOf(events))).toEqual(contents(whole))
    }
  })

  it('tells one call for each request, however an answer is cut short', () => {
    for (let cut = 0; cut < RESPONSE.length; cut += 1) {
      const events = read([
        ['client', REQUEST],
        ['server', RESPONSE.subarray(0, cut)],
      ])
      expect(callsOf(events).map(({ state }) => state)).toEqual(['aborted'])
    }
  })

  it('tells a gap for a body over the limit, and gives that call no answer', () => {
    const events = read(
      [
        ['client', REQUEST],
        ['server', RESPONSE],
      ],
      10,
    )
    expect(events.filter(({ type }) => type === 'gap')).toHaveLength(1)
    expect(callsOf(events)[0]).toMatchObject({ state: 'aborted' })
    expect(callsOf(events)[0]).not.toHaveProperty('response')
  })

  it('survives any bytes from either side', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.constantFrom<Uint8Array>(REQUEST, RESPONSE, REQUEST.subarray(0, 30), RESPONSE.subarray(7)),
      fc
        .constantFrom(
          'Content-Length: 2147483648\r\n\r\n',
          'Content-Length: -1\r\n\r\n',
          'ffffffffff\r\n',
          'GET / HTTP/1.1\r\n',
        )
        .map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom<'client' | 'server'>('client', 'server'), piece), { maxLength: 12 }),
        (chunks) => {
          const events = read(chunks)
          const opened = events.filter(({ type }) => type === 'open').length
          expect(callsOf(events)).toHaveLength(opened)
          expect(events.filter(({ type }) => type === 'gap').length).toBeLessThanOrEqual(1)
          for (const { request, response } of callsOf(events)) {
            httpProtocol.match.key(request)
            expect(httpProtocol.describe(request).length).toBeLessThanOrEqual(200)
            expect(() =>
              serve([REQUEST], () => ({ type: 'answer', ...(response !== undefined && { response }) })),
            ).not.toThrow()
          }
          const { closed } = serve(
            chunks.map(([, chunk]) => chunk),
            () => ({ type: 'miss', message: 'none' }),
          )
          expect(closed.length).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 400 },
    )
  })
})

const json = { 'Content-Type': 'application/json' }
const ask = (more: Record<string, Value>): Value => ({
  method: 'POST',
  host: 'api.test',
  target: '/a',
  headers: json,
  ...more,
})
const key = (more: Record<string, Value>): Value => httpProtocol.match.key(ask(more))

describe('what has to be equal', () => {
  it('takes the order of JSON keys, of query names and white space as nothing', () => {
    expect(key({ body: '{"a":1,"b":[1,2]}', target: '/a?x=1&y=2' })).toEqual(
      key({ body: '{ "b": [1,2], "a": 1 }', target: '/a?y=2&x=1' }),
    )
    expect(key({ body: '{"b":[2,1]}' })).not.toEqual(key({ body: '{"b":[1,2]}' }))
    expect(key({ target: '/a?x=1' })).not.toEqual(key({ target: '/a?x=2' }))
  })

  it('keeps numbers apart that a double can not', () => {
    expect(key({ body: '{"id":9007199254740993}' })).not.toEqual(key({ body: '{"id":9007199254740992}' }))
  })

  it('leaves credentials, agents, traces and relays out, and keeps headers of an API', () => {
    const plain = key({})
    for (const name of [
      'Authorization',
      'User-Agent',
      'traceparent',
      'Date',
      'x-request-id',
      'Accept-Encoding',
      'X-Amz-Date',
    ]) {
      expect(key({ headers: { ...json, [name]: 'anything' } })).toEqual(plain)
    }
    expect(key({ headers: { ...json, 'X-Tenant': 'b' } })).not.toEqual(plain)
    expect(key({ headers: { ...json, 'X-Amz-Target': 'Put' } })).not.toEqual(plain)
    expect(key({ host: 'API.test:443' })).toEqual(plain)
    expect(key({ host: 'other.test' })).not.toEqual(plain)
    expect(key({ host: '127.0.0.1:4000' })).toEqual(key({ host: 'localhost:5000' }))
  })

  it('compares the parts of a multipart body, not its boundary', () => {
    const body = (mark: string, value: string): Record<string, Value> => ({
      headers: { 'Content-Type': `multipart/form-data; boundary=${mark}` },
      body: `--${mark}\r\nContent-Disposition: form-data; name="a"\r\n\r\n${value}\r\n--${mark}--\r\n`,
    })
    expect(key(body('xyz', '1'))).toEqual(key(body('abc', '1')))
    expect(key(body('xyz', '1'))).not.toEqual(key(body('abc', '2')))
  })
})

describe('the mock server', () => {
  const answer = (response: Value): MockAnswer => ({ type: 'answer', response })

  it('frames an answer anew when its body was changed', () => {
    const response = { status: 200, reason: 'OK', version: '1.1', headers: { 'Content-Length': '3' }, body: 'longer' }
    expect(serve([REQUEST], () => answer(response)).sent).toBe('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nlonger')
  })

  it('lets no recorded header or reason begin another header', () => {
    const response = {
      status: 200,
      reason: 'OK\r\nA: b',
      version: '1.1',
      headers: { 'X-A': '1\r\nSet-Cookie: c=d' },
      body: 'x',
    }
    expect(serve([REQUEST], () => answer(response)).sent).not.toMatch(/\r\n(?:A|Set-Cookie):/)
  })

  it('answers pipelined requests cut at any byte, in order', () => {
    const two = Buffer.concat([REQUEST, Buffer.from('GET /b HTTP/1.1\r\nHost: a\r\n\r\n')])
    for (let cut = 1; cut < two.length; cut += 1) {
      const asked: string[] = []
      serve([two.subarray(0, cut), two.subarray(cut)], ({ operation }) => {
        asked.push(operation)
        return { type: 'miss', message: operation }
      })
      expect(asked).toEqual(['POST', 'GET'])
    }
  })

  it('says nothing where the recorded server said nothing, and breaks off where it did', () => {
    expect(serve([REQUEST], () => ({ type: 'answer' }))).toEqual({ sent: '', closed: [] })
    expect(serve([REQUEST], () => ({ type: 'answer', ended: 'reset' }))).toEqual({ sent: '', closed: ['reset'] })
  })
})

describe('telling HTTP from other protocols', () => {
  it('knows it by its first line', () => {
    const verdict = (text: string): string => httpProtocol.detect(Buffer.from(text))
    expect(
      ['GET / HTTP/1.1\r\n', 'POST /a', 'PROPFIND / HTTP/1.1\r\n', 'GET http://a/ HTTP/1.1\r\n'].map(verdict),
    ).toEqual(['yes', 'yes', 'yes', 'yes'])
    expect(['', 'GE', 'GET', 'GET ', 'CONNECT a:1 HT'].map(verdict)).toEqual(['more', 'more', 'more', 'more', 'more'])
    expect(['PRI * HTTP/2.0\r\n', 'PING\r\n', '*1\r\n', 'CONNECT {}\r\n', '\u0000\u0000'].map(verdict)).toEqual([
      'no',
      'no',
      'no',
      'no',
      'no',
    ])
  })
})
