import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'

import { createLocalCertificate } from '@keploy-framework/intercept'

const CLIENT_SSL = 0x0800

/** Offset of the lower capabilities in a greeting: behind the version, the thread and the first part of the challenge. */
const capabilitiesAt = (greeting: Buffer): number => greeting.indexOf(0, 5) + 1 + 4 + 8 + 1

/** Ends TLS in front of a MySQL server that speaks none. TLS takes one message, by which the numbers of the login differ. */
export async function startMysqlTls(target: number): Promise<{ port: number; close: () => void }> {
  const { key, cert } = createLocalCertificate()
  const secureContext = tls.createSecureContext({ key, cert })
  const server = net.createServer((socket) => {
    const upstream = net.connect(target, '127.0.0.1')
    const stop = (): void => {
      socket.destroy()
      upstream.destroy()
    }
    socket.on('error', stop)
    upstream.on('error', stop)
    upstream.once('data', (greeting) => {
      const at = capabilitiesAt(greeting)
      greeting.writeUInt16LE(greeting.readUInt16LE(at) | CLIENT_SSL, at)
      socket.write(greeting)
    })
    socket.once('data', () => {
      const secure = new tls.TLSSocket(socket, { isServer: true, secureContext })
      let login = true
      let first = true
      secure.on('error', stop).on('close', stop)
      secure.on('data', (chunk) => {
        if (login) chunk[3] = (chunk[3] ?? 0) - 1
        if (first) chunk.writeUInt32LE((chunk.readUInt32LE(4) & ~CLIENT_SSL) >>> 0, 4)
        first = false
        upstream.write(chunk)
      })
      upstream.on('data', (chunk) => {
        if (login) {
          chunk[3] = (chunk[3] ?? 0) + 1
          login = chunk[4] !== 0 && chunk[4] !== 0xff
        }
        secure.write(chunk)
      })
      upstream.on('end', () => secure.end())
      secure.on('end', () => upstream.end())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() }
}
