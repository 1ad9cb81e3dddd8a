/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: the bytes that a Redis would send
 * Impact: a suite that runs in seconds, anywhere
 */
import { redisProtocol } from '@keploy-framework/wire'
import { describe, expect, test } from 'vitest'

import { recordThrough } from '../harness/record-through.ts'
import { serveCalls } from '../harness/serve-calls.ts'
import { command, connectWire, exchange, hasRedis, startRedis } from './real-redis.ts'

const BINARY = new Uint8Array([0, 255, 13, 10, 128, 36])

/** Steps of one connection: each is sent at once, and answered before the next one is sent. */
const SCRIPT: readonly (readonly (string | Uint8Array)[])[][] = [
  [
    ['SET', 'a', '1'],
    ['GET', 'a'],
    ['get', 'missing'],
    ['INCR', 'a'],
    ['SET', 'bin', BINARY],
    ['GET', 'bin'],
  ],
  [
    ['SET', 'big', '9223372036854775806'],
    ['INCR', 'big'],
    ['INCR', 'big'],
    ['HSET', 'h', 'f', 'v', '1', 'one'],
    ['HGETALL', 'h'],
  ],
  [
    ['SADD', 's', 'x'],
    ['SMEMBERS', 's'],
    ['ZADD', 'z', '1.5', 'm', '2', 'n'],
    ['ZSCORE', 'z', 'm'],
    ['ZRANGE', 'z', '0', '-1', 'WITHSCORES'],
  ],
  [
    ['GET', 'h'],
    ['NOSUCH', 'x'],
    ['SET', 'a'],
    ['SET', 'ü', '✓'],
    ['GET', 'ü'],
    ['LPUSH', 'l', 'a', 'b'],
    ['LRANGE', 'l', '0', '-1'],
  ],
  [['MULTI'], ['SET', 't', '1'], ['INCR', 't'], ['GET', 'h'], ['EXEC']],
  [['MULTI'], ['SET', 't'], ['GET', 't'], ['EXEC'], ['EXEC'], ['DISCARD']],
  [['MULTI'], ['SET', 't', '5'], ['DISCARD'], ['WATCH', 't'], ['UNWATCH'], ['MULTI'], ['EXEC']],
  [
    ['SELECT', '3'],
    ['GET', 'a'],
    ['SET', 'a', 'three'],
    ['GET', 'a'],
    ['SELECT', '99'],
    ['GET', 'a'],
    ['SELECT', '0'],
    ['GET', 'a'],
  ],
  [
    ['EVALSHA', 'f'.repeat(40), '0'],
    ['EVAL', 'return {1,{2,"x"},false,redis.status_reply("FINE"),{err="MY bad"}}', '0'],
  ],
  [
    ['EVAL', 'redis.setresp(3) return {double=1.5}', '0'],
    ['EVAL', 'return {map={a=1}}', '0'],
    ['XADD', 'st', '1-1', 'k', 'v'],
  ],
  [
    ['XRANGE', 'st', '-', '+'],
    ['XREAD', 'COUNT', '1', 'STREAMS', 'st', '0'],
    ['XREAD', 'STREAMS', 'st', '$'],
    ['BLPOP', 'l', '1'],
    ['BLPOP', 'nolist', '0.05'],
  ],
  [
    ['DEBUG', 'PROTOCOL', 'string'],
    ['DEBUG', 'PROTOCOL', 'double'],
    ['DEBUG', 'PROTOCOL', 'bignum'],
    ['DEBUG', 'PROTOCOL', 'set'],
  ],
  [
    ['DEBUG', 'PROTOCOL', 'map'],
    ['DEBUG', 'PROTOCOL', 'attrib'],
    ['DEBUG', 'PROTOCOL', 'verbatim'],
  ],
  [
    ['DEBUG', 'PROTOCOL', 'true'],
    ['DEBUG', 'PROTOCOL', 'false'],
    ['DEBUG', 'PROTOCOL', 'null'],
    ['CLIENT', 'SETNAME', 'tester'],
    ['CLIENT', 'GETNAME'],
  ],
  [
    ['PING'],
    ['PING', 'hello'],
    ['ECHO', 'there'],
    ['CLIENT', 'REPLY', 'SKIP'],
    ['SET', 'quiet', '1'],
    ['GET', 'quiet'],
  ],
  [
    ['CLIENT', 'REPLY', 'OFF'],
    ['SET', 'quiet', '2'],
    ['CLIENT', 'REPLY', 'ON'],
    ['GET', 'quiet'],
  ],
  [
    ['CLIENT', 'ID'],
    ['CONFIG', 'GET', 'maxmemory-policy'],
    ['OBJECT', 'ENCODING', 'a'],
    ['COMMAND', 'COUNT'],
    ['TYPE', 'h'],
    ['WAIT', '0', '10'],
  ],
  [
    ['SUBSCRIBE', 'one', 'two'],
    ['PSUBSCRIBE', 'p*'],
    ['PING'],
    ['UNSUBSCRIBE', 'one'],
    ['UNSUBSCRIBE'],
    ['PUNSUBSCRIBE', 'p*'],
    ['PING'],
  ],
  [['RESET'], ['GET', 'a'], ['QUIT']],
]

describe.skipIf(!hasRedis)('the bytes of a mock server', () => {
  test.for([2, 3])('are those that Redis sent, in RESP%i', async (version) => {
    const real = await startRedis(() => ['--enable-debug-command', 'yes'])
    const steps = [...(version === 3 ? [[['HELLO', '3', 'SETNAME', 'me']]] : []), ...SCRIPT].map((step) =>
      Buffer.concat(step.map((words) => command(...words))),
    )
    const play = async (port: number): Promise<string> => {
      using wire = await connectWire(port)
      for (const step of [
        ...steps.slice(0, -1),
        Buffer.from('GET a\r\nSET "in line" \'x y\'\r\n\r\nGET "in line"\r\n'),
        steps.at(-1) as Buffer,
      ]) {
        wire.write(step)
        await wire.settled()
      }
      expect(wire.ended).toBe(true)
      return wire.received().toString('latin1')
    }
    await using recording = await recordThrough(redisProtocol, { port: real.port })
    const recorded = await play(recording.port)
    await real.stop()
    expect(await exchange(real.port, ['PING'])).toBe('')
    expect(recording.gaps).toEqual([])
    await using mocked = await serveCalls(redisProtocol, recording.calls)
    const replayed = await play(mocked.port)
    expect(replayed).toBe(recorded)
    expect(recorded.length).toBeGreaterThan(1600)
    expect(mocked.misses).toEqual([])
    expect(mocked.unused()).toEqual([])
    expect(recording.calls.every((call) => call.state === 'complete')).toBe(true)
  })
})
