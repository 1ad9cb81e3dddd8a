/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: the bytes that a MySQL would send
 * Impact: a suite that runs in seconds, anywhere
 */
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { isDeepStrictEqual } from 'node:util'

import { mysql as fixture, startFixtures } from '@keploy-framework/fixtures'
import { mysqlProtocol, type MockServer, type ReadCall } from '@keploy-framework/wire'
import { expect, it } from 'vitest'

import { commandLine, driverWork, type Account } from './mysql-work.ts'

interface Chunk {
  readonly connection: number
  readonly from: 'client' | 'server'
  readonly bytes: Buffer
}

/** Relays connections, and keeps what went by, in its order. */
async function captureThrough(port: number, work: (port: number) => Promise<unknown>): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  let connections = 0
  const server = net.createServer((client) => {
    const connection = connections++
    const upstream = net.connect(port, '127.0.0.1')
    client.on('data', (bytes) => {
      chunks.push({ connection, from: 'client', bytes })
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      chunks.push({ connection, from: 'server', bytes })
      client.write(bytes)
    })
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('end', () => other.end())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  await work((server.address() as AddressInfo).port)
  server.close()
  return chunks
}

function readCalls(chunks: readonly Chunk[]): ReadCall[] {
  const calls: ReadCall[] = []
  const gaps: string[] = []
  let ids = 0
  const readers = new Map<number, ReturnType<typeof mysqlProtocol.createReader>>()
  for (const { connection, from, bytes } of chunks) {
    const reader =
      readers.get(connection) ??
      mysqlProtocol.createReader({ connection, nextId: () => ++ids }, (event) => {
        if (event.type === 'call') calls.push(event.call)
        if (event.type === 'gap') gaps.push(event.reason)
      })
    readers.set(connection, reader)
    reader.push(from, bytes, 0)
  }
  expect(gaps).toEqual([])
  return calls
}

/** What the mock server sends for the same bytes of clients, for each connection. */
function replay(chunks: readonly Chunk[], calls: readonly ReadCall[]): Map<number, Buffer> {
  const used = new Set<ReadCall>()
  const sent = new Map<number, Buffer>()
  const servers = new Map<number, MockServer>()
  for (const { connection, from, bytes } of chunks) {
    let server = servers.get(connection)
    server ??= mysqlProtocol.createMockServer({
      answer({ operation, request }) {
        const key = mysqlProtocol.match.key(request)
        const same = (call: ReadCall): boolean =>
          call.connection === connection &&
          call.operation === operation &&
          isDeepStrictEqual(mysqlProtocol.match.key(call.request), key)
        const found = calls.find((call) => !used.has(call) && same(call))
        if (found === undefined) return { type: 'miss', message: `nothing for ${mysqlProtocol.describe(request)}` }
        used.add(found)
        return { type: 'answer', ...(found.response !== undefined && { response: found.response }) }
      },
      send: (more) => sent.set(connection, Buffer.concat([sent.get(connection) ?? Buffer.alloc(0), more])),
      close: () => {},
      schedule: () => () => {},
      startTls: () => {},
      address: { host: '127.0.0.1', port: 1 },
      recorded: (operation) => calls.filter((call) => call.operation === operation),
    })
    servers.set(connection, server)
    if (from === 'client') server.push(bytes)
  }
  return sent
}

/** The packets of a server, in hexadecimal; in the greeting without the id of the connection, the salt and the offer to compress. */
function packetsOf(bytes: Buffer): string[] {
  const packets: string[] = []
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + bytes.readUIntLE(at, 3)
    const packet = Buffer.from(bytes.subarray(at, end))
    if (packets.length === 0) {
      const id = packet.indexOf(0, 5) + 1
      packet.fill(0, id, id + 12)
      packet.fill(0, id + 31, id + 43)
      packet[id + 13]! &= ~0x20
    }
    packets.push(packet.toString('hex'))
    at = end
  }
  return packets
}

it.each([
  ['mysql2', driverWork],
  [
    'the mariadb program',
    (account: Account, port: number) =>
      commandLine(
        account,
        port,
        `drop table if exists b; create table b (i int, j json, u inet6); insert into b values (1, '{}', '::1');
        select * from b; update b set i = 2; select * from b where i = 3; start transaction; insert into b values (3, null, null); rollback; select * from nowhere`,
      ),
  ],
])('sends the bytes that the real server sent to %s', async (_name, work) => {
  await using fixtures = startFixtures({ db: fixture() })
  await using lease = await fixtures.acquire('db')
  const { user, password, database, port } = lease
  const chunks = await captureThrough(port, (at) => work({ user, password, database }, at))
  const calls = readCalls(chunks)
  expect(calls.length).toBeGreaterThan(8)
  const sent = replay(chunks, calls)
  for (const [connection, bytes] of sent) {
    const real = Buffer.concat(
      chunks.filter((one) => one.connection === connection && one.from === 'server').map((one) => one.bytes),
    )
    expect(packetsOf(bytes)).toEqual(packetsOf(real))
  }
})
