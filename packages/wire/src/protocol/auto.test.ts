import { describe, expect, it } from 'vitest'

import { createCallReader, createCallServer } from './auto.ts'
import type { MockServerOptions } from './mock-server.ts'
import type { CallEvent } from './protocol.ts'
import { protocols } from './protocols.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

function reader() {
  const events: CallEvent[] = []
  const detected: string[] = []
  let ids = 0
  const codec = createCallReader(
    'auto',
    { connection: 1, nextId: () => ++ids },
    (event) => events.push(event),
    (name) => detected.push(name),
  )
  return { codec, detected, calls: () => events.flatMap((event) => (event.type === 'call' ? [event.call] : [])) }
}

describe('the protocol of a connection', () => {
  it.each([
    ['redis', '*1\r\n$4\r\nPING\r\n', '+PONG\r\n'],
    ['http', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['generic', 'HELO there\n', 'hello\n'],
  ])('is seen by its first bytes, however they are cut: %s', (name, asked, answered) => {
    for (let cut = 1; cut <= asked.length; cut++) {
      const { codec, detected, calls } = reader()
      codec.push('client', bytes(asked.slice(0, cut)), 1)
      codec.push('client', bytes(asked.slice(cut)), 2)
      codec.push('server', bytes(answered), 3)
      codec.end('client', 4)
      codec.end('server', 4)
      expect(detected).toEqual([name])
      expect(calls().map(({ protocol }) => protocol)).toEqual([name])
    }
  })

  it('is seen by what the server says, where it speaks first', () => {
    const { codec, detected } = reader()
    const greeting = Buffer.concat([Buffer.from([74, 0, 0, 0, 10]), bytes(`8.0.36${'\0'.repeat(68)}`)])
    codec.push('server', greeting, 1)
    expect(detected).toEqual(['mysql'])
  })

  it('is bytes when the connection ends before it can be told', () => {
    const { codec, calls } = reader()
    codec.push('client', bytes('GE'), 1)
    codec.end('client', 2)
    codec.stop(3)
    expect(calls()).toMatchObject([{ protocol: 'generic', request: 'GE', state: 'open' }])
    const silent = reader()
    silent.codec.end('client', 1)
    silent.codec.abort(2)
    expect(silent.calls()).toEqual([])
  })

  it('is known before generic takes the rest', () => {
    expect(protocols.at(-1)?.name).toBe('generic')
    expect(new Set(protocols.map(({ name }) => name)).size).toBe(protocols.length)
  })
})

describe('a server for a connection of any protocol', () => {
  it('asks for its options once it knows, and answers in that protocol', () => {
    const sent: string[] = []
    const chosen: string[] = []
    const server = createCallServer('auto', (name): MockServerOptions => {
      chosen.push(name)
      return {
        answer: () => ({ type: 'miss', message: 'nothing recorded' }),
        send: (chunk) => sent.push(Buffer.from(chunk).toString('latin1')),
        close: () => undefined,
        schedule: () => () => undefined,
        startTls: () => undefined,
        address: { host: '127.0.0.1', port: 1 },
        recorded: () => [],
      }
    })
    server.push(bytes('*2\r\n$3\r\nG'))
    server.push(bytes('ET\r\n$1\r\na\r\n'))
    expect(chosen).toEqual(['redis'])
    expect(sent.join('')).toMatch(/^-ERR .*nothing recorded\r\n$/)
    server.end()
    server.close()
  })
})
