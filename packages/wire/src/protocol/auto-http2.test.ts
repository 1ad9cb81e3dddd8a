import http2 from 'node:http2'
import { Duplex } from 'node:stream'

import type { ProtocolName } from '@keploy-framework/format'
import { describe, expect, it } from 'vitest'

import { createCallReader } from './auto.ts'

function detected(chunks: readonly (readonly ['client' | 'server', Uint8Array])[]): ProtocolName | undefined {
  let found: ProtocolName | undefined
  const reader = createCallReader(
    'auto',
    { connection: 1, nextId: () => 1 },
    () => undefined,
    (name) => {
      found = name
    },
  )
  for (const [from, chunk] of chunks) reader.push(from, chunk, 0)
  reader.stop(0)
  return found
}

/** What a server of HTTP/2 sends before it has heard anything. */
async function serverSettings(settings: http2.Settings): Promise<Buffer> {
  const pieces: Buffer[] = []
  const pipe = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      pieces.push(chunk)
      done()
    },
  })
  const session = http2.performServerHandshake(pipe, { settings })
  session.on('error', () => undefined)
  await new Promise((resolve) => setImmediate(resolve))
  const bytes = Buffer.concat(pieces)
  session.destroy()
  return bytes
}

describe('a connection whose server speaks first', () => {
  const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

  it('is HTTP/2 when the settings of the server come first, wherever they are cut', async () => {
    for (const settings of [{}, { initialWindowSize: 70_000, maxConcurrentStreams: 100 }]) {
      const bytes = await serverSettings(settings)
      expect(bytes.length).toBeGreaterThanOrEqual(9)
      for (let cut = 1; cut <= bytes.length; cut += 1) {
        const pieces = [
          ['server', bytes.subarray(0, cut)],
          ['server', bytes.subarray(cut)],
          ['client', preface],
        ] as const
        expect(detected(pieces)).toBe('grpc')
      }
    }
  })

  it('is not HTTP/2 for other words of a server', () => {
    expect(detected([['server', Buffer.from('220 mail.example ESMTP\r\n')]])).toBe('generic')
    expect(detected([['server', Buffer.from([0, 0, 5, 4, 0, 0, 0, 0, 0])]])).toBe('generic')
    expect(detected([['server', Buffer.from([0, 0, 6, 4, 0, 0, 0, 0, 1])]])).toBe('generic')
    expect(detected([['server', Buffer.from([0, 0])]])).toBe('generic')
  })
})
