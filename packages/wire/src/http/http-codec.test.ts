import { createHash, randomBytes } from 'node:crypto'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'

import { describe, expect, test } from 'vitest'

import { closed, END, everyByte, gaps, play } from '../../test/exchanges.ts'
import type { Step } from '../../test/exchanges.ts'

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const GET = 'GET /a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n'

function one(steps: readonly Step[], options = {}) {
  const events = play(steps, options)
  expect(gaps(events)).toEqual([])
  const exchanges = closed(events)
  expect(exchanges).toHaveLength(1)
  const exchange = exchanges[0]
  if (exchange === undefined) throw new Error('no exchange')
  return exchange
}

function text(body: { bytes: Uint8Array } | undefined): string | undefined {
  return body === undefined ? undefined : Buffer.from(body.bytes).toString('latin1')
}

describe('messages', () => {
  test('a request and its response are one exchange with both times', () => {
    const exchange = one([
      ['client', 'POST /a HTTP/1.1\r\nHost: x\r\nX-Two: 1\r\nX-Two:  2 \r\nContent-Length: 5\r\n\r\nhello'],
      ['server', OK],
    ])
    expect(exchange).toMatchObject({
      id: 1,
      connection: 7,
      state: 'complete',
      request: {
        method: 'POST',
        target: '/a',
        version: '1.1',
        headers: [
          ['Host', 'x'],
          ['X-Two', '1'],
          ['X-Two', '2'],
          ['Content-Length', '5'],
        ],
        startedAt: 0,
        endedAt: 0,
      },
      response: { status: 200, reason: 'OK', startedAt: 1, endedAt: 1, interim: [] },
    })
    expect(text(exchange.request.body)).toBe('hello')
    expect(text(exchange.response?.body)).toBe('ok')
  })

  test('an exchange is told as open, request, response head and close', () => {
    const events = play([
      ['client', GET],
      ['server', OK],
    ])
    expect(events.map((event) => (event.type === 'part' ? event.part.type : event.type))).toEqual([
      'open',
      'request',
      'response-head',
      'close',
    ])
  })

  test('chunked bodies lose extensions and keep trailers', () => {
    const exchange = one([
      [
        'client',
        'PUT / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n5;a="b"\r\nhello\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\n',
      ],
      ['server', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n'],
    ])
    expect(text(exchange.request.body)).toBe('hello!')
    expect(exchange.request.trailers).toEqual([['X-T', '1']])
    expect(text(exchange.response?.body)).toBe('0123456789')
  })

  test('pipelined requests meet their responses in order', () => {
    const exchanges = closed(
      play([
        ['client', 'GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n'],
        [
          'server',
          `${OK}HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n`,
        ],
      ]),
    )
    expect(exchanges.map((one) => [one.request.target, one.response?.status, text(one.response?.body)])).toEqual([
      ['/1', 200, 'ok'],
      ['/2', 200, ''],
      ['/3', 304, ''],
    ])
  })

  test('interim responses stand in front of the final one', () => {
    const exchange = one([
      ['client', 'POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n'],
      ['server', 'HTTP/1.1 100 Continue\r\n\r\n'],
      ['client', 'hi'],
      ['server', `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${OK}`],
    ])
    expect(exchange.response?.interim).toEqual([
      { status: 100, headers: [] },
      { status: 103, headers: [['Link', '</a.css>']] },
    ])
    expect(text(exchange.request.body)).toBe('hi')
  })

  test('a response may end before its request has', () => {
    const events = play([
      ['client', 'POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab'],
      ['server', 'HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n'],
      ['client', 'cd'],
      ['client', GET],
      ['server', OK],
    ])
    expect(closed(events).map((one) => [one.state, one.response?.status, text(one.request.body)])).toEqual([
      ['complete', 413, 'abcd'],
      ['complete', 200, ''],
    ])
  })

  test('an early response to a request that never ends is aborted', () => {
    const [exchange] = closed(
      play([
        ['client', 'POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab'],
        ['server', OK],
        ['client', END],
        ['server', END],
      ]),
    )
    expect(exchange).toMatchObject({ state: 'aborted', response: { status: 200 } })
  })

  test('a body without length lasts until the service ends', () => {
    const exchange = one([
      ['client', GET],
      ['client', END],
      ['server', 'HTTP/1.0 200 OK\n\nall of '],
      ['server', 'it'],
      ['server', END],
    ])
    expect(exchange).toMatchObject({ state: 'complete', response: { version: '1.0', endedAt: 4 } })
    expect(text(exchange.response?.body)).toBe('all of it')
  })

  test('bare LF line ends, empty lines in front, folded lines and absolute targets are read', () => {
    const exchange = one([
      ['client', '\r\n\r\nGET http://x/a HTTP/1.1\nA: 1\n  2\n\n'],
      ['server', 'HTTP/1.1 204\r\n\r\n'],
    ])
    expect(exchange.request).toMatchObject({ target: 'http://x/a', headers: [['A', '1 2']] })
    expect(exchange.response).toMatchObject({ status: 204, reason: '' })
  })

  test('header bytes that are not UTF-8 are kept one character per byte', () => {
    const exchange = one([
      ['client', Buffer.from('GET /\xff HTTP/1.1\r\nX: \xe9\xff\r\n\r\n', 'latin1')],
      ['server', OK],
    ])
    expect(exchange.request).toMatchObject({ target: '/\xff', headers: [['X', '\xe9\xff']] })
  })

  test('a header named __proto__ is data', () => {
    const exchange = one([
      ['client', 'GET / HTTP/1.1\r\n__proto__: x\r\nconstructor: y\r\n\r\n'],
      ['server', OK],
    ])
    expect(exchange.request.headers).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })
})

describe('ends', () => {
  test('an exchange cut by the service, a break or the end of the recording says so', () => {
    const half = [
      ['client', GET],
      ['server', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab'],
    ] as const
    expect(closed(play([...half, ['server', END]]))).toMatchObject([{ state: 'aborted', response: { status: 200 } }])
    expect(closed(play([...half, 'ABORT']))).toMatchObject([{ state: 'aborted' }])
    expect(closed(play([...half, 'STOP']))).toMatchObject([{ state: 'open' }])
    expect(closed(play([['client', GET], 'STOP']))[0]?.response).toBeUndefined()
  })

  test('every open has one close, whatever happens afterwards', () => {
    const events = play([['client', GET + GET], ['server', OK], 'ABORT', 'STOP', ['server', OK], ['client', END]])
    expect(gaps(events)).toEqual([])
    expect(closed(events).map((one) => one.state)).toEqual(['complete', 'aborted'])
  })
})

describe('gaps', () => {
  const cases: [name: string, steps: Step[], reason: RegExp][] = [
    [
      'both length headers',
      [['client', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n']],
      /both/,
    ],
    [
      'differing lengths',
      [['client', 'POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n']],
      /not one number/,
    ],
    ['a negative length', [['client', 'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n']], /not one number/],
    ['a bad chunk size', [['client', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n']], /hexadecimal/],
    [
      'a huge chunk size',
      [['client', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n']],
      /hexadecimal/,
    ],
    [
      'a chunk that is too long',
      [['client', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc']],
      /longer/,
    ],
    ['an unknown transfer coding', [['client', 'POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n']], /not known/],
    ['TLS', [['client', Buffer.from([0x16, 3, 1, 0, 5])]], /TLS/],
    ['HTTP/2', [['client', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']], /HTTP\/2/],
    ['HTTP/0.9', [['client', 'GET /\r\n\r\n']], /request line/],
    ['a response without request', [['server', OK]], /without a request/],
    ['a space before the colon', [['client', 'GET / HTTP/1.1\r\nA : b\r\n\r\n']], /header name/],
    ['a flood of headers', [['client', `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(50_000)}`]], /longer than/],
    ['a head that never ends', [['client', 'x'.repeat(200_000)]], /longer than/],
    [
      'a status line that is none',
      [
        ['client', GET],
        ['server', 'ICY 200 OK\r\n\r\n'],
      ],
      /status line/,
    ],
    [
      'an upgrade to something else',
      [
        ['client', 'GET / HTTP/1.1\r\nUpgrade: foo\r\n\r\n'],
        ['server', 'HTTP/1.1 101 S\r\nUpgrade: foo\r\n\r\n'],
      ],
      /"foo"/,
    ],
  ]

  test.each(cases)('%s is a gap, told once', (_name, steps, reason) => {
    expect(gaps(play(steps))).toEqual([expect.stringMatching(reason)])
    expect(gaps(play(steps, {}, everyByte))).toEqual([expect.stringMatching(reason)])
  })

  test('a client that sends its head byte by byte forever is stopped at the limit', () => {
    const flood = Buffer.alloc(10_000, 'a')
    expect(gaps(play([['client', flood]], { headLimit: 1000 }, everyByte))).toEqual([
      'a message head is longer than 1000 bytes',
    ])
  })

  test('too many waiting requests are a gap', () => {
    expect(gaps(play([['client', GET.repeat(4)]], { pipelineLimit: 3 }))).toEqual([expect.stringMatching(/too many/)])
  })

  test('what follows a broken request is silent, and the answer closes it', () => {
    const events = play([
      ['client', 'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
      ['client', 'more garbage'],
      ['server', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
      ['server', END],
    ])
    expect(gaps(events)).toHaveLength(1)
    expect(closed(events)).toMatchObject([{ state: 'aborted', response: { status: 400 } }])
  })
})

describe('bodies', () => {
  test('a body past the limit is counted and digested, not kept', () => {
    const exchange = one(
      [
        ['client', GET],
        ['server', `HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello`],
        ['server', ' world'],
      ],
      { bodyLimit: 8 },
    )
    expect(exchange.response?.body).toMatchObject({
      wireSize: 11,
      omitted: {
        reason: 'limit',
        size: 11,
        sha256: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
      },
    })
    expect(exchange.response?.body.bytes).toHaveLength(0)
  })

  test('content encodings are undone and named; what is no such encoding is left out', () => {
    const encoded = gzipSync('hello')
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${encoded.length}\r\n\r\n`
    const good = one([
      ['client', GET],
      ['server', head],
      ['server', encoded],
    ])
    expect(good.response?.body).toMatchObject({ encoding: 'gzip', wireSize: encoded.length })
    expect(text(good.response?.body)).toBe('hello')
    const bad = one([
      ['client', GET],
      ['server', head],
      ['server', Buffer.alloc(encoded.length, 1)],
    ])
    expect(bad.response?.body).toMatchObject({ wireSize: encoded.length, omitted: { reason: 'decode' } })
  })

  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

  function encodedBody(bytes: Buffer, coding: string, bodyLimit: number) {
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${bytes.length}\r\n\r\n`
    const exchange = one(
      [
        ['client', GET],
        ['server', head],
        ['server', bytes],
      ],
      { bodyLimit },
    )
    return exchange.response?.body
  }

  test('the digest of a large body that came encoded is that of its content', () => {
    const content = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * index) % 251))
    const encoded = gzipSync(content)
    const omitted = { reason: 'limit', size: content.length, sha256: sha256(content) }
    // Too large after decoding, and too large already on the wire.
    for (const limit of [encoded.length, encoded.length - 1]) {
      expect(encodedBody(encoded, 'gzip', limit)).toMatchObject({ wireSize: encoded.length, encoding: 'gzip', omitted })
    }
    const garbage = randomBytes(500)
    expect(encodedBody(garbage, 'gzip', 100)).toMatchObject({ omitted: { size: 500, sha256: sha256(garbage) } })
  })

  test.each([
    ['gzip', gzipSync(Buffer.alloc(100 * 1024 * 1024))],
    ['br', brotliCompressSync(Buffer.alloc(100 * 1024 * 1024))],
    ['zstd', zstdCompressSync(Buffer.alloc(100 * 1024 * 1024))],
  ])('a %s body that decompresses to far more than the limit is not decoded to its end', (coding, bomb) => {
    const body = encodedBody(bomb, coding, 1024 * 1024)
    expect(body).toMatchObject({
      wireSize: bomb.length,
      omitted: { reason: 'limit', size: bomb.length, sha256: sha256(bomb) },
    })
    expect(body?.bytes).toHaveLength(0)
    expect(body).not.toHaveProperty('encoding')
  })
})

describe('streams', () => {
  test('server-sent events are told as they come, and the body stays empty', () => {
    const events = play([
      ['client', GET],
      ['server', 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\ndata: a\n'],
      ['server', '\nid: 2\ndata: b'],
      ['server', '\n\n'],
      ['server', END],
    ])
    expect(
      events.flatMap((event) => (event.type === 'part' && event.part.type === 'items' ? event.part.items : [])),
    ).toEqual([
      { at: 2, from: 'server', data: { type: 'sse', data: 'a' } },
      { at: 3, from: 'server', data: { type: 'sse', id: '2', data: 'b' } },
    ])
    const [exchange] = closed(events)
    expect(exchange?.stream?.items).toHaveLength(2)
    expect(exchange?.response?.body.bytes).toHaveLength(0)
  })

  test('a compressed stream is read as it comes', () => {
    const encoded = gzipSync('data: a\n\ndata: b\n\n')
    const events = play([
      ['client', GET],
      ['server', 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\n'],
      ['server', encoded.subarray(0, 12)],
      ['server', encoded.subarray(12)],
      ['server', END],
    ])
    expect(gaps(events)).toEqual([])
    expect(closed(events)[0]).toMatchObject({
      stream: { items: [{ data: { data: 'a' } }, { data: { data: 'b' } }] },
      response: { body: { encoding: 'gzip' } },
    })
  })

  test('NDJSON lines are items', () => {
    const exchange = one([
      ['client', GET],
      ['server', 'HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nContent-Length: 14\r\n\r\n{"a":1}\r\n{"b"}'],
    ])
    expect(exchange.stream).toMatchObject({
      kind: 'ndjson',
      items: [{ data: { line: '{"a":1}' } }, { data: { line: '{"b"}' } }],
    })
  })

  test('an item past the limit is a gap, and the exchange says that items are missing', () => {
    const events = play(
      [
        ['client', GET],
        ['server', `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ${'x'.repeat(200)}\n\ndata: b\n\n`],
        ['server', END],
      ],
      { bodyLimit: 100 },
    )
    expect(gaps(events)).toEqual(['one item of the sse stream is larger than the limit'])
    expect(closed(events)[0]?.response?.body).toMatchObject({ omitted: { reason: 'limit' } })
  })
})
