import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import tls from 'node:tls'

import { expect, onTestFinished, test } from 'vitest'

import { createLocalCertificate } from '../tls/local-certificate.ts'
import { startRelays } from './start-relays.ts'

test('a client that begins with TLS where a plain one is expected reaches the server, and a person is told why', async () => {
  const server = tls.createServer(createLocalCertificate(), (socket) => socket.end('hello'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const problems: string[] = []
  await using relays = startRelays({
    handler: { mode: 'record', observe: () => ({ push() {}, end() {}, abort() {} }) },
    certificateFor: () => createLocalCertificate(),
    onProblem: (route, problem) => problems.push(`${route.dependency}: ${problem}`),
  })
  const target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
  const route = {
    dependency: 'redis cache:6379',
    protocol: 'redis',
    target,
    tls: { mode: 'off' },
    via: 'relay',
  } as const
  const address = await relays.open(route)
  for (let connection = 0; connection < 2; connection++) {
    const client = tls.connect({ ...address, rejectUnauthorized: false })
    const [bytes] = (await once(client, 'data')) as [Buffer]
    expect(bytes.toString()).toBe('hello')
    client.destroy()
  }
  expect(problems).toEqual([expect.stringMatching(/^redis cache:6379: the service begins with TLS.*rediss:/)])

  problems.length = 0
  const plain = net.connect(address, () => plain.write('PING\r\n'))
  plain.on('error', () => undefined)
  await once(plain, 'close')
  expect(problems.filter((problem) => problem.includes('begins with TLS'))).toEqual([])
})
