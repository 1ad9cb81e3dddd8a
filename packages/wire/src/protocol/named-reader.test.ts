import type { ProtocolName } from '@keploy-framework/format'
import { describe, expect, it } from 'vitest'

import { createCallReader } from './auto.ts'
import type { CallEvent } from './protocol.ts'

const bytes = (...parts: (string | number)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from([part]))))

/** Everything that a reader tells of what a client says, cut after each byte or not at all, and of answers that no protocol has. */
function told(name: ProtocolName, first: Buffer, rest: Buffer, cut: boolean) {
  const events: CallEvent[] = []
  const detected: string[] = []
  let ids = 0
  const reader = createCallReader(
    name,
    { connection: 1, nextId: () => ++ids },
    (event) => events.push(event),
    (found) => detected.push(found),
  )
  for (const chunk of cut ? [...first].map((byte) => Buffer.from([byte])) : [first]) reader.push('client', chunk, 1)
  reader.push('server', Buffer.from('\u0007 what?\n'), 2)
  reader.push('client', rest, 3)
  reader.push('server', Buffer.from('no\n'), 4)
  reader.end('client', 5)
  reader.end('server', 5)
  return { text: JSON.stringify(events, bytesAsText), protocols: protocolsOf(events), detected, events }
}

function protocolsOf(events: readonly CallEvent[]): string[] {
  return [...new Set(events.flatMap((event) => (event.type === 'call' ? [event.call.protocol] : [])))]
}

function bytesAsText(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
}

const startup = (major: number): Buffer => {
  const body = bytes(0, major, 0, 0, 'user\0ann\0\0')
  return Buffer.concat([bytes(0, 0, 0, body.length + 4), body])
}

describe('a connection that begins as the protocol of its setting does', () => {
  it.each<[string, ProtocolName, Buffer]>([
    ['a startup of Postgres', 'postgres', startup(3)],
    ['a startup of an old Postgres', 'postgres', startup(2)],
    ['a command of Redis', 'redis', bytes('*3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n')],
    ['a line of Redis', 'redis', bytes('\r\nauth ')],
    ['AMQP of another version', 'amqp', bytes('AMQP', 3, 1, 0, 0)],
    ['a request of Kafka with any number', 'kafka', bytes(0, 0, 0, 40, 0, 17, 0, 1, 0x7f, 0xff, 0, 0)],
  ])('is never taken for bytes, so that no password is kept: %s', (_, name, first) => {
    for (const cut of [false, true]) {
      const { text, protocols, detected } = told(name, first, bytes('p', 0, 0, 0, 12, 'hunter2\0', '\r\n'), cut)
      expect(text).not.toContain('hunter2')
      expect(protocols).not.toContain('generic')
      expect(detected).toEqual([])
    }
  })

  it.each(['postgres', 'mysql', 'redis', 'kafka', 'mongodb', 'amqp', 'http'] as const)(
    'and neither is one of %s that begins with TLS: what is encrypted can never be answered again',
    (name) => {
      for (const cut of [false, true]) {
        const { protocols, detected } = told(name, bytes(22, 3, 1, 2, 0, 1), bytes(23, 3, 3, 0, 9), cut)
        expect(protocols).not.toContain('generic')
        expect(detected).toEqual([])
      }
    },
  )
})

describe('a connection that is not what its setting says', () => {
  it.each<[ProtocolName, string, string]>([
    ['postgres', 'http', 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['http', 'redis', '*1\r\n$4\r\nPING\r\n'],
    ['mysql', 'redis', '*1\r\n$4\r\nPING\r\n'],
    ['redis', 'generic', 'gets key\r\n'],
    ['kafka', 'generic', '{"op":"hello"}\n'],
  ])('of %s is %s', (name, found, said) => {
    for (const cut of [false, true]) {
      const { detected, protocols } = told(name, bytes(said), bytes(said), cut)
      expect(detected).toEqual([found])
      expect(protocols).toEqual([found])
    }
  })

  it('stays with its name where the server refuses it before it was asked', () => {
    for (const [name, said] of [
      ['redis', '-ERR max number of clients reached\r\n'],
      ['http', 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n'],
      ['postgres', 'E\0\0\0\x0cSFATAL\0\0'],
    ] as const) {
      const detected: string[] = []
      const reader = createCallReader(
        name,
        { connection: 1, nextId: () => 1 },
        () => undefined,
        (one) => detected.push(one),
      )
      for (const byte of bytes(said)) reader.push('server', Buffer.from([byte]), 1)
      reader.end('server', 2)
      expect(detected).toEqual([])
    }
  })
})
