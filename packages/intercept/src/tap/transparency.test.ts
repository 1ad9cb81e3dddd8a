import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib'

import { closePayload, encodeFrame } from '@keploy-framework/wire'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'

import { bothWays, until } from '../../test/both-ways.ts'
import type { Scenario } from '../../test/both-ways.ts'

vi.setConfig({ testTimeout: 30_000 })

const GET = 'GET /a HTTP/1.1\r\nHost: x\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** The service answers each part that it waits for; the client sends each of its parts when the one before is answered. */
function turns(parts: readonly (readonly [ask: string | Buffer, answer: string | Buffer, last: string])[]): Scenario {
  return {
    serve(socket) {
      let seen = 0
      let turn = 0
      socket.on('data', (chunk) => {
        seen += chunk.length
        for (let part = parts[turn]; part !== undefined && seen >= part[0].length; part = parts[turn]) {
          seen -= part[0].length
          turn += 1
          socket.write(Buffer.isBuffer(part[1]) ? part[1] : Buffer.from(part[1], 'latin1'))
        }
      })
      socket.on('end', () => socket.end())
    },
    async drive(socket) {
      for (const [ask, , last] of parts) {
        const answered = last === '' ? Promise.resolve() : until(socket, last)
        socket.write(Buffer.isBuffer(ask) ? ask : Buffer.from(ask, 'latin1'))
        await answered
      }
      socket.end()
    },
  }
}

function encodedResponse(coding: string, body: Buffer): Buffer {
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), body, Buffer.from('!')])
}

const masked = (text: string) => encodeFrame(Buffer.from(text), { opcode: 1, mask: Buffer.from([1, 2, 3, 4]) })
const json = Buffer.from(JSON.stringify({ a: 'x'.repeat(500) }))

const CONVERSATIONS: Record<string, Scenario> = {
  'keep-alive': turns([
    [GET, OK, 'ok'],
    [GET, OK, 'ok'],
  ]),
  pipelining: turns([[GET + GET + GET, OK + OK + OK.replace('ok', 'no'), 'no']]),
  'chunks, extensions and trailers': turns([
    [
      'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nDigest: a\r\n\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n00a;q\r\n0123456789\r\n000\r\nT: 1\r\n\r\n',
      'T: 1\r\n\r\n',
    ],
  ]),
  'Expect: 100-continue': turns([
    [
      'PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n',
      'HTTP/1.1 100 Continue\r\n\r\n',
      '\r\n\r\n',
    ],
    ['body', OK, 'ok'],
  ]),
  'HEAD, 204 and 304': turns([
    ['HEAD / HTTP/1.1\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n', '\r\n\r\n'],
    [GET, 'HTTP/1.1 204 No Content\r\n\r\n', '\r\n\r\n'],
    [GET, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', '\r\n\r\n'],
  ]),
  'early hints': turns([[GET, `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}`, 'ok']]),
  'a response before the request has ended': turns([
    ['POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nab', 'HTTP/1.1 413 Large\r\nContent-Length: 1\r\n\r\n!', '!'],
    ['cd', '', ''],
  ]),
  'an upgrade to bytes that nobody knows': turns([
    ['GET / HTTP/1.1\r\nUpgrade: foo\r\n\r\n', 'HTTP/1.1 101 S\r\nUpgrade: foo\r\n\r\n', '\r\n\r\n'],
    [Buffer.from([0, 1, 2, 255]), Buffer.from([255, 0, 10, 13]), '\xff\0\n\r'],
  ]),
  WebSocket: turns([
    [
      'GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
      'HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\n',
      '\r\n\r\n',
    ],
    [masked('hello'), encodeFrame(Buffer.from('world'), { opcode: 1 }), 'world'],
    [masked('bye'), encodeFrame(closePayload(1000, 'bye'), { opcode: 8 }), 'bye'],
  ]),
  'server-sent events': turns([
    [
      GET,
      'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hi\r\n\r\ndata: 1\n\ndata: last\r\r',
      'last\r\r',
    ],
  ]),
  gzip: turns([[GET, encodedResponse('gzip', gzipSync(json)), '!']]),
  brotli: turns([[GET, encodedResponse('br', brotliCompressSync(json)), '!']]),
  zstd: turns([[GET, encodedResponse('zstd', zstdCompressSync(json)), '!']]),
  'an encoding that lies': turns([[GET, encodedResponse('gzip', json), '!']]),
  'both length headers': turns([
    ['POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', OK, 'ok'],
  ]),
  'bad chunk sizes': turns([['POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', OK, 'ok']]),
  'odd white space, folded lines, bare LF, bytes that are not UTF-8': turns([
    [Buffer.from('\r\nGET  http://x/\xff HTTP/1.1\nA:b \r\n\t c\nB:\xe9\xff\n\n', 'latin1'), OK, 'ok'],
  ]),
  'bytes that are no HTTP': turns([
    [randomBytes(5000), Buffer.concat([randomBytes(5000), Buffer.from('the end')]), 'the end'],
  ]),
  'a client that ends first': {
    serve(socket) {
      socket.on('end', () => socket.end(`${OK.slice(0, -2)}ok`))
    },
    drive(socket) {
      socket.end(GET)
    },
  },
  'a service that ends first': {
    serve(socket) {
      socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nuntil the end'))
    },
    async drive(socket) {
      socket.write(GET)
      await until(socket, 'until the end')
      await new Promise((resolve) => socket.once('end', resolve))
      socket.end('late words')
    },
  },
  'a service that resets': {
    serve(socket) {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf')
        socket.once('data', () => socket.resetAndDestroy())
      })
    },
    async drive(socket) {
      socket.write(GET)
      await until(socket, 'half')
      socket.write('more')
    },
  },
  'a client that resets': {
    serve(socket) {
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'))
    },
    async drive(socket) {
      socket.write(GET)
      await until(socket, 'half')
      socket.resetAndDestroy()
    },
  },
  'nothing at all': {
    serve(socket) {
      socket.on('end', () => socket.end())
      socket.resume()
    },
    drive(socket) {
      socket.end()
    },
  },
}

describe('both sides see what they would see without the tap', () => {
  test.each(Object.entries(CONVERSATIONS))('%s', async (_name, scenario) => {
    const { direct, tapped } = await bothWays(scenario)
    expect(tapped).toEqual(direct)
  })

  const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === '::1'))

  test.skipIf(!hasIpv6)('over IPv6 (skipped where the machine has no ::1)', async () => {
    const places = { listen: { host: '::1' }, origin: { host: '::1', port: 0 } }
    const { direct, tapped } = await bothWays(CONVERSATIONS['keep-alive']!, places)
    expect(tapped).toEqual(direct)
  })

  test.each(['keep-alive', 'a client that ends first', 'a service that ends first', 'WebSocket'])(
    '%s, over Unix sockets',
    async (name) => {
      const directory = await mkdtemp(join(tmpdir(), 'tap-'))
      try {
        const places = { listen: { path: join(directory, 'tap') }, origin: { path: join(directory, 'origin') } }
        const { direct, tapped } = await bothWays(CONVERSATIONS[name]!, places)
        expect(tapped).toEqual(direct)
      } finally {
        await rm(directory, { recursive: true })
      }
    },
  )

  test('whatever the bytes and wherever they are cut', async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(chunks, chunks, async (asks, answers) => {
        const { direct, tapped } = await bothWays({
          serve(socket) {
            for (const chunk of answers) socket.write(chunk)
            socket.resume()
            socket.on('end', () => socket.end('done'))
          },
          drive(socket) {
            for (const chunk of asks) socket.write(chunk)
            socket.end()
          },
        })
        expect(tapped).toEqual(direct)
      }),
      { numRuns: 40 },
    )
  })
})
