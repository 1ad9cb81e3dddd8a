import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { withTarget } from './authority.ts'
import { httpProtocol } from './http-protocol.ts'

const authority = { relay: '127.0.0.1:41873', target: 'api.example.com' }

/** What the server gets of what the client sent in these chunks. */
function through(chunks: readonly Uint8Array[]): string {
  const rewriter = httpProtocol.createRewriter?.({
    relayFor: async (host, port) => ({ host, port }),
    tls: 'off',
    authority,
  })
  const out: Uint8Array[] = []
  for (const chunk of chunks) {
    const steps = rewriter?.fromClient(chunk)
    if (steps === undefined || steps instanceof Promise) throw new Error('steps are due at once')
    for (const step of steps) if (step.type === 'forward') out.push(step.bytes)
  }
  return Buffer.concat(out).toString('latin1')
}

const REQUESTS =
  'POST /pay HTTP/1.1\r\nhost: 127.0.0.1:41873\r\nX-Host: 127.0.0.1:41873\r\nContent-Length: 26\r\n\r\nA /\r\nHost: 127.0.0.1:41873' +
  'PUT /x HTTP/1.1\r\nHost:localhost:41873 \r\nTransfer-Encoding: chunked\r\n\r\n1a\r\nA /\r\nHost: 127.0.0.1:41873\r\n0\r\n\r\n' +
  'GET /y HTTP/1.1\r\nHost: other.example\r\n\r\n' +
  'GET /z HTTP/1.1\r\nHost: 127.0.0.1:41873\r\n\r\n'
const WANTED =
  'POST /pay HTTP/1.1\r\nhost: api.example.com\r\nX-Host: 127.0.0.1:41873\r\nContent-Length: 26\r\n\r\nA /\r\nHost: 127.0.0.1:41873' +
  'PUT /x HTTP/1.1\r\nHost:api.example.com \r\nTransfer-Encoding: chunked\r\n\r\n1a\r\nA /\r\nHost: 127.0.0.1:41873\r\n0\r\n\r\n' +
  'GET /y HTTP/1.1\r\nHost: other.example\r\n\r\n' +
  'GET /z HTTP/1.1\r\nHost: api.example.com\r\n\r\n'

describe('requests of a client that was led to a relay', () => {
  it('name the server in Host, and are otherwise as they were', () => {
    expect(through([Buffer.from(REQUESTS)])).toBe(WANTED)
  })

  it('are the same wherever they are cut', () => {
    for (let cut = 1; cut < REQUESTS.length; cut += 1) {
      expect(through([Buffer.from(REQUESTS.slice(0, cut)), Buffer.from(REQUESTS.slice(cut))])).toBe(WANTED)
    }
    expect(through(REQUESTS.split('').map((byte) => Buffer.from(byte)))).toBe(WANTED)
  })

  it('go on untouched after a change of protocol', () => {
    const upgrade = 'GET /ws HTTP/1.1\r\nHost: 127.0.0.1:41873\r\nUpgrade: websocket\r\n\r\n'
    expect(through([Buffer.from(upgrade), Buffer.from(REQUESTS)])).toBe(
      upgrade.replace('127.0.0.1:41873', 'api.example.com') + REQUESTS,
    )
  })

  it('are followed after HTTP/2 was offered and not taken, and left alone once it was', () => {
    const offer = 'GET / HTTP/1.1\r\nHost: 127.0.0.1:41873\r\nUpgrade: h2c\r\n\r\n'
    const named = offer.replace('127.0.0.1:41873', 'api.example.com')
    const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
    expect(through([Buffer.from(offer), Buffer.from(offer)])).toBe(named + named)
    expect(through([Buffer.from(offer), Buffer.from(preface), Buffer.from(offer)])).toBe(named + preface + offer)
  })

  it('lose no byte, whatever they are', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .constantFrom(
          'GET / HTTP/1.1\r\n',
          'A: b\r\n',
          '\r\n',
          'Content-Length: 2147483648\r\n',
          'Content-Length: -1\r\n',
          'Transfer-Encoding: chunked\r\n',
          'ffffffffff\r\n',
        )
        .map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 10 }), (chunks) => {
        const sent = Buffer.concat(chunks).toString('latin1')
        const got = through(chunks)
        // Only a head that is not whole yet may be held back.
        expect(sent.startsWith(got)).toBe(true)
        expect(sent.slice(got.length)).not.toContain('\r\n\r\n')
      }),
      { numRuns: 400 },
    )
    const long = `GET / HTTP/1.1\r\nX: ${'x'.repeat(70_000)}`
    expect(through([Buffer.from(long)])).toBe(long)
  })
})

describe('calls of such a client', () => {
  it('name the server too, unless the client meant another one', () => {
    expect(withTarget({ host: 'LOCALHOST:41873', target: '/' }, authority)).toEqual({
      host: 'api.example.com',
      target: '/',
    })
    expect(withTarget({ host: 'localhost:4000' }, authority)).toEqual({ host: 'localhost:4000' })
    expect(withTarget({ host: 'api.other:41873' }, authority)).toEqual({ host: 'api.other:41873' })
    expect(withTarget(null, authority)).toBeNull()
  })
})
