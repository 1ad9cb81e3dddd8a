/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a Redis that need not run
 * Impact: a suite that runs in seconds, anywhere
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'

import { redisProtocol } from '@keploy-framework/wire'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { describe, expect, test } from 'vitest'

import { recordThrough } from '../harness/record-through.ts'
import { serveCalls } from '../harness/serve-calls.ts'
import { exchange, hasRedis, startRedis } from './real-redis.ts'

const BYTES = Buffer.from([1, 255, 0, 13, 10])

/** Records work against a real server, stops it, and does the same work with recorded answers. */
async function recordAndReplay(
  work: (port: number) => Promise<unknown>,
  args: readonly string[] = [],
): Promise<{
  recorded: unknown
  replayed: unknown
  operations: string[]
  misses: readonly string[]
  unused: string[]
  text: string
}> {
  const real = await startRedis(() => args)
  await using recording = await recordThrough(redisProtocol, { port: real.port })
  const recorded = await work(recording.port)
  await real.stop()
  expect(await exchange(real.port, ['PING'])).toBe('')
  expect(recording.gaps).toEqual([])
  await using mocked = await serveCalls(redisProtocol, recording.calls)
  const replayed = await work(mocked.port)
  return {
    recorded,
    replayed,
    operations: recording.calls.map(({ operation }) => operation),
    misses: mocked.misses,
    unused: mocked.unused().map(({ request }) => redisProtocol.describe(request)),
    text: JSON.stringify(recording.calls),
  }
}

async function ioredisWork(port: number): Promise<unknown[]> {
  const client = new Redis({ port, host: '127.0.0.1', db: 2, enableAutoPipelining: true, maxRetriesPerRequest: 1 })
  try {
    const seen: unknown[] = []
    seen.push(await client.set('user:1', 'Ada'), await client.get('user:1'), await client.get('nobody'))
    seen.push(
      await Promise.all([
        client.hset('h', { a: '1', b: '2' }),
        client.hgetall('h'),
        client.incr('n'),
        client.incr('n'),
      ]),
    )
    seen.push(await client.pipeline().set('p', '1').incr('p').lpush('p', 'x').get('p').exec())
    seen.push(await client.multi().set('t', '1').incr('t').hget('t', 'x').exec())
    await client.watch('t')
    seen.push(await client.multi().incr('t').exec())
    client.defineCommand('plus', { numberOfKeys: 1, lua: 'return redis.call("INCRBY", KEYS[1], ARGV[1])' })
    const scripted = client as Redis & { plus(key: string, by: number): Promise<number> }
    seen.push(await scripted.plus('n', 5), await scripted.plus('n', 5))
    await client.set('raw', BYTES)
    seen.push((await client.getBuffer('raw'))?.toString('hex'))
    seen.push(await client.xadd('s', '1-1', 'k', 'v'), await client.xread('STREAMS', 's', '0'))
    seen.push(await client.lpush('jobs', 'one'), await client.blpop('jobs', 1), await client.blpop('jobs', 0.1))
    seen.push(await client.lpush('wrong', 'x'), await client.get('wrong').catch((error: unknown) => String(error)))
    return seen
  } finally {
    client.disconnect()
  }
}

async function nodeRedisWork(port: number, version: 2 | 3): Promise<unknown[]> {
  const client = createClient({
    RESP: version,
    database: 1,
    name: 'worker',
    socket: { port, host: '127.0.0.1', reconnectStrategy: false },
  })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const seen: unknown[] = []
    seen.push(
      await client.set('user:1', 'Ada'),
      await client.get('user:1'),
      await client.get('nobody'),
      await client.ping(),
    )
    seen.push(
      await Promise.all([
        client.hSet('h', { a: '1', 5: '2' }),
        client.hGetAll('h'),
        client.sAdd('set', ['x']),
        client.sMembers('set'),
      ]),
    )
    seen.push(
      await client.zAdd('z', { value: 'm', score: 1.5 }),
      await client.zScore('z', 'm'),
      await client.zRangeWithScores('z', 0, -1),
    )
    seen.push(await client.multi().set('t', '1').incr('t').get('t').exec())
    seen.push(await client.xAdd('s', '1-1', { k: 'v' }), await client.xRead({ key: 's', id: '0' }))
    seen.push(await client.eval('return {KEYS[1], ARGV[1]}', { keys: ['k'], arguments: ['v'] }))
    seen.push(await client.blPop('none', 0.1), await client.exists(['t', 'nobody']))
    seen.push(await client.lPush('wrong', 'x'), await client.get('wrong').catch((error: unknown) => String(error)))
    return JSON.parse(JSON.stringify(seen)) as unknown[]
  } finally {
    client.destroy()
  }
}

describe.skipIf(!hasRedis)('drivers of Redis', () => {
  test('ioredis: pipelines, transactions, scripts, blocking commands and a database', async () => {
    const result = await recordAndReplay(ioredisWork)
    expect(result.replayed).toEqual(result.recorded)
    expect(result.misses).toEqual([])
    expect(result.unused).toEqual([])
    expect(result.operations).toContain('EVALSHA')
    expect(result.operations).toContain('EVAL')
    expect(result.text).toContain('"db":2')
  })

  test.for([2, 3] as const)('redis, in RESP%i', async (version) => {
    const result = await recordAndReplay((port) => nodeRedisWork(port, version))
    expect(result.replayed).toEqual(result.recorded)
    expect(result.misses).toEqual([])
    expect(result.unused).toEqual([])
    expect(result.operations).toContain('EXEC')
  })

  test.for([
    [2, 3],
    [3, 2],
  ] as const)('redis, recorded in RESP%i and replayed in RESP%i', async ([first, second]) => {
    await using real = await startRedis()
    await using recording = await recordThrough(redisProtocol, { port: real.port })
    await nodeRedisWork(recording.port, first)
    await real.stop()
    await using mocked = await serveCalls(redisProtocol, recording.calls)
    const replayed = await nodeRedisWork(mocked.port, second)
    await using fresh = await startRedis()
    expect(replayed).toEqual(await nodeRedisWork(fresh.port, second))
    expect(mocked.misses).toEqual([])
  })

  test('passwords are in no call, and any is accepted in a replay', async () => {
    const work = async (port: number): Promise<unknown> => {
      const one = new Redis({ port, host: '127.0.0.1', password: 'hidden-word', username: 'default' })
      const two = createClient({ password: 'hidden-word', socket: { port, host: '127.0.0.1' } })
      await two.connect()
      const seen = [await one.set('a', '1'), await two.get('a')]
      one.disconnect()
      two.destroy()
      return seen
    }
    const { recorded, replayed, text, operations } = await recordAndReplay(work, ['--requirepass', 'hidden-word'])
    expect(replayed).toEqual(recorded)
    expect(text).not.toContain('hidden-word')
    expect(operations.some((operation) => operation === 'AUTH' || operation === 'HELLO')).toBe(true)
  })

  test('what was not recorded is an error of Redis that names the command, and the connection goes on', async () => {
    await using real = await startRedis()
    await using recording = await recordThrough(redisProtocol, { port: real.port })
    await exchange(recording.port, ['SET', 'a', '1'])
    await using mocked = await serveCalls(redisProtocol, recording.calls)
    const client = new Redis({ port: mocked.port, host: '127.0.0.1' })
    await expect(client.set('a', '2')).rejects.toThrow('ERR keploy: nothing recorded answers set a 2')
    await expect(client.set('a', '1')).resolves.toBe('OK')
    await expect(client.multi().set('b', '1').exec()).rejects.toThrow('MULTI; set b 1; exec')
    expect(mocked.misses).toEqual(['set a 2', 'MULTI; set b 1; exec'])
    client.disconnect()
  })

  test.for([2, 3] as const)('messages of channels are calls of the server, in RESP%i', async (version) => {
    await using real = await startRedis()
    await using recording = await recordThrough(redisProtocol, { port: real.port })
    const listener = createClient({ RESP: version, socket: { port: recording.port, host: '127.0.0.1' } })
    listener.on('error', () => undefined)
    await listener.connect()
    const heard: string[] = []
    await listener.subscribe(['news', 'more'], (message) => void heard.push(message))
    await listener.pSubscribe('p:*', (message) => void heard.push(message))
    const sender = new Redis({ port: real.port, host: '127.0.0.1' })
    await sender.publish('news', 'one')
    await sender.publish('p:x', 'two')
    while (heard.length < 2) await pause(5)
    await listener.unsubscribe('news')
    await listener.ping()
    listener.destroy()
    sender.disconnect()
    const own = recording.calls.filter(({ request }) => request === null)
    expect(own.map(({ operation, response }) => ({ operation, response }))).toEqual([
      { operation: 'message', response: { push: ['message', 'news', 'one'] } },
      { operation: 'pmessage', response: { push: ['pmessage', 'p:*', 'p:x', 'two'] } },
    ])
    const psubscribe = recording.calls.find(({ operation }) => operation === 'PSUBSCRIBE')
    expect(own[0]?.after).toBe(psubscribe?.id)
    expect(recording.gaps).toEqual([])
    // Again without the server: confirmations come by themselves.
    await using mocked = await serveCalls(redisProtocol, recording.calls)
    const again = createClient({ RESP: version, socket: { port: mocked.port, host: '127.0.0.1' } })
    again.on('error', () => undefined)
    await again.connect()
    await again.subscribe('more', () => undefined)
    await again.subscribe('news', () => undefined)
    await expect(again.subscribe('other', () => undefined)).rejects.toThrow('keploy')
    await again.unsubscribe()
    // After a subscription the driver gives bytes in RESP2.
    expect(Buffer.from(await again.ping()).toString()).toBe('PONG')
    again.destroy()
  })

  test('invalidations of client tracking are calls of the server', async () => {
    await using real = await startRedis()
    await using recording = await recordThrough(redisProtocol, { port: real.port })
    const client = createClient({ RESP: 3, socket: { port: recording.port, host: '127.0.0.1' } })
    await client.connect()
    await client.sendCommand(['CLIENT', 'TRACKING', 'ON'])
    await client.get('watched')
    await exchange(real.port, ['SET', 'watched', '1'])
    await client.ping()
    client.destroy()
    expect(recording.calls.filter(({ request }) => request === null)).toMatchObject([
      { operation: 'invalidate', response: { push: ['invalidate', ['watched']] } },
    ])
  })

  test('redis-cli: commands, and a transaction that waits for each reply', async () => {
    const work = async (port: number): Promise<string> => {
      const cli = spawn('redis-cli', ['-p', String(port), '-3'])
      let output = ''
      cli.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
      cli.stdin.end('set k v\nmulti\nget k\nincr k\nexec\nhset h f v\nhgetall h\nget h\n')
      await once(cli, 'close')
      return output
    }
    const { recorded, replayed, misses, unused } = await recordAndReplay(work)
    expect(recorded).toContain('QUEUED')
    expect(replayed).toBe(recorded)
    expect(misses).toEqual([])
    expect(unused).toEqual([])
  })
})
