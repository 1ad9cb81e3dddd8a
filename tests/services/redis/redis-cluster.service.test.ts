/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: clusters and sentinels of Redis
 * Impact: a suite that runs in seconds, anywhere
 */
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import net, { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import { redisProtocol, type ReadCall, type RelayStep } from '@keploy-framework/wire'
import { Cluster, Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'

import { serveCalls } from '../harness/serve-calls.ts'
import { exchange, hasRedis, startRedis } from './real-redis.ts'

/** Relays that rewrite addresses: one for each server that is named, opened when it is. */
class Relays implements AsyncDisposable {
  readonly calls: ReadCall[] = []
  readonly #ports = new Map<number, Promise<number>>()
  readonly #servers: net.Server[] = []
  readonly #sockets = new Set<net.Socket>()
  #ids = 0

  /** The port of the relay to a port. */
  to(target: number): Promise<number> {
    const known = this.#ports.get(target) ?? this.#open(target)
    this.#ports.set(target, known)
    return known
  }

  get targets(): number[] {
    return [...this.#ports.keys()]
  }

  async #open(target: number): Promise<number> {
    const server = net.createServer((client) => {
      const upstream = net.connect({ port: target, host: '127.0.0.1', noDelay: true })
      const reader = redisProtocol.createReader({ connection: target, nextId: () => ++this.#ids }, (event) => {
        if (event.type === 'call') this.calls.push(event.call)
      })
      const rewriter = redisProtocol.createRewriter?.({
        tls: 'off',
        relayFor: async (_host, port) => ({ host: '127.0.0.1', port: await this.to(port) }),
      })
      const link = (from: 'client' | 'server', source: net.Socket, destination: net.Socket): void => {
        this.#sockets.add(source)
        let order = Promise.resolve()
        source.on('data', (chunk) => {
          reader.push(from, chunk, Date.now())
          const steps: readonly RelayStep[] | Promise<readonly RelayStep[]> =
            (from === 'client' ? rewriter?.fromClient(chunk) : rewriter?.fromServer(chunk)) ?? []
          const before = order
          const pass = async (): Promise<void> => {
            await before
            for (const step of await steps) if (step.type === 'forward') destination.write(step.bytes)
          }
          order = pass()
        })
        source.on('error', () => destination.destroy())
        source.on('close', () => destination.destroy())
      }
      link('client', client, upstream)
      link('server', upstream, client)
    })
    this.#servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

const until = async (check: () => Promise<boolean>): Promise<void> => {
  for (let attempt = 0; attempt < 400; attempt++) {
    if (await check()) return
    await pause(25)
  }
  throw new Error('it did not come about')
}

describe.skipIf(!hasRedis)('Redis with several servers', () => {
  test('a cluster of three is reached through relays only, and replayed from one address', async () => {
    const args = (): string[] => ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', '--appendonly', 'no']
    await using one = await startRedis(args)
    await using two = await startRedis(args)
    await using three = await startRedis(args)
    const nodes = [one, two, three]
    for (const [at, { port }] of nodes.entries()) {
      await exchange(port, ['CLUSTER', 'ADDSLOTSRANGE', String(at * 5461), String(at === 2 ? 16383 : at * 5461 + 5460)])
      await exchange(one.port, ['CLUSTER', 'MEET', '127.0.0.1', String(port)])
    }
    for (const { port } of nodes) {
      await until(async () => {
        const slots = await exchange(port, ['CLUSTER', 'INFO'])
        const known = await exchange(port, ['CLUSTER', 'SLOTS'])
        return slots.includes('cluster_state:ok') && known.startsWith('*3')
      })
    }
    const work = async (port: number): Promise<unknown[]> => {
      const cluster = new Cluster([{ host: '127.0.0.1', port }], {
        slotsRefreshTimeout: 3000,
        redisOptions: { maxRetriesPerRequest: 2 },
      })
      cluster.on('error', () => undefined)
      try {
        const seen: unknown[] = []
        for (const key of ['a', 'b', 'c', 'd', 'e', 'f'])
          seen.push(await cluster.set(key, `value ${key}`), await cluster.get(key))
        seen.push(await cluster.multi().set('{x}1', '1').get('{x}1').exec())
        return seen
      } finally {
        cluster.disconnect()
      }
    }
    await using relays = new Relays()
    const entry = await relays.to(one.port)
    const recorded = await work(entry)
    // Every node was named by the first one, and reached by the relay in its place.
    expect(new Set(relays.targets)).toEqual(new Set(nodes.map(({ port }) => port)))
    expect(
      new Set(relays.calls.filter(({ operation }) => operation === 'SET').map(({ connection }) => connection)).size,
    ).toBe(3)
    // A client that asks the wrong node is sent to a relay as well.
    const moved = (await Promise.all(['a', 'b', 'c', 'd'].map((key) => exchange(entry, ['GET', key])))).find((reply) =>
      reply.startsWith('-MOVED'),
    )
    const named = Number(/127\.0\.0\.1:(\d+)\r\n$/.exec(moved ?? '')?.[1])
    expect(named).toBeGreaterThan(0)
    expect(nodes.map(({ port }) => port)).not.toContain(named)
    expect(await exchange(entry, ['CLUSTER', 'NODES'])).toContain(`127.0.0.1:${named}@`)
    const calls = [...relays.calls]
    for (const node of nodes) await node.stop()
    await using mocked = await serveCalls(redisProtocol, calls)
    expect(await work(mocked.port)).toEqual(recorded)
    expect(mocked.misses).toEqual([])
  })

  test('a sentinel names the relay of the master', async () => {
    await using master = await startRedis()
    await using sentinel = await startRedis(async (_port, folder) => {
      const file = join(folder, 'sentinel.conf')
      await writeFile(file, `sentinel monitor mymaster 127.0.0.1 ${master.port} 1\n`)
      return [file, '--sentinel']
    })
    const work = async (port: number): Promise<unknown[]> => {
      const client = new Redis({ sentinels: [{ host: '127.0.0.1', port }], name: 'mymaster', maxRetriesPerRequest: 2 })
      client.on('error', () => undefined)
      try {
        return [await client.set('a', '1'), await client.get('a')]
      } finally {
        client.disconnect()
      }
    }
    await using relays = new Relays()
    const recorded = await work(await relays.to(sentinel.port))
    expect(new Set(relays.targets)).toEqual(new Set([master.port, sentinel.port]))
    const calls = [...relays.calls]
    await master.stop()
    await sentinel.stop()
    await using mocked = await serveCalls(redisProtocol, calls)
    expect(await work(mocked.port)).toEqual(recorded)
    expect(mocked.misses).toEqual([])
  })
})
