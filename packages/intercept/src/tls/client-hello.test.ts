import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'

import fc from 'fast-check'
import { expect, test } from 'vitest'

import { readClientHello } from './client-hello.ts'

async function helloOf(options: tls.ConnectionOptions): Promise<Buffer> {
  const server = net.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = tls.connect({ ...options, host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  client.on('error', () => undefined)
  const [socket] = (await once(server, 'connection')) as [net.Socket]
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  client.destroy()
  server.close()
  return bytes
}

const hello = await helloOf({ servername: 'api.example.com', ALPNProtocols: ['h2', 'http/1.1'] })

test('the name and the protocols that a client asks for are read', async () => {
  expect(readClientHello(hello)).toEqual({ servername: 'api.example.com', alpn: ['h2', 'http/1.1'] })
  expect(readClientHello(await helloOf({ servername: '' }))).toEqual({ alpn: [] })
})

test('a part of it asks for more, wherever it is cut; so does one in records of any size', () => {
  for (let length = 1; length < hello.length; length += 1)
    expect(readClientHello(hello.subarray(0, length))).toBe('more')
  const body = hello.subarray(5)
  for (const size of [1, 2, 3, 5, 100]) {
    const records: Buffer[] = []
    for (let at = 0; at < body.length; at += size) {
      const part = body.subarray(at, at + size)
      records.push(Buffer.from([22, 3, 1, 0, part.length]), part)
    }
    expect(readClientHello(Buffer.concat(records))).toEqual({ servername: 'api.example.com', alpn: ['h2', 'http/1.1'] })
  }
})

test('other bytes are no TLS, and nothing throws or hangs', () => {
  expect(readClientHello(Buffer.from('GET / HTTP/1.1'))).toBeUndefined()
  expect(readClientHello(Buffer.from([22, 3, 1, 255, 255]))).toBeUndefined()
  expect(readClientHello(Buffer.from([22, 3, 1, 0, 4, 1, 255, 255, 255]))).toBeUndefined()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.nat(255), (bytes, at, value) => {
      const changed = Buffer.from(hello)
      changed[at % changed.length] = value
      for (const input of [bytes, changed, Buffer.concat([Buffer.from([22, 3, 1, 0, 200, 1, 0, 0, 100]), bytes])]) {
        const read = readClientHello(input)
        expect(read === undefined || read === 'more' || Array.isArray(read.alpn)).toBe(true)
      }
    }),
    { numRuns: 1000 },
  )
})
