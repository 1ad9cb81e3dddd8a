import type { ProtocolName } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { FirstBytes } from './first-bytes.ts'
import { createRelayRewriter } from './guarded-rewriter.ts'
import { findProtocol } from './protocols.ts'
import type { RelayRewriter, RelayStep } from './rewriter.ts'

type Side = 'client' | 'server'

const NAMES = ['http', 'mongodb', 'redis', 'kafka', 'mysql', 'postgres'] as const

function rewriterOf(name: ProtocolName, tls: 'off' | 'prefer' = 'prefer'): RelayRewriter {
  const made = createRelayRewriter(name, {
    relayFor: async (host, port) => ({ host, port }),
    tls,
    authority: { relay: '127.0.0.1:4000', target: 'api.example.com' },
  })
  if (made === undefined) throw new Error(`${name} has no rewriter`)
  return made
}

/** What each side got of the other one, when a relay does what a rewriter says. */
class Carried {
  readonly client: Uint8Array[] = []
  readonly server: Uint8Array[] = []
  readonly #rewriter: RelayRewriter

  constructor(rewriter: RelayRewriter) {
    this.#rewriter = rewriter
  }

  async push(from: Side, chunk: Uint8Array): Promise<void> {
    const steps = await (from === 'client' ? this.#rewriter.fromClient(chunk) : this.#rewriter.fromServer(chunk))
    for (const step of steps) this.#take(from, step)
  }

  end(from: Side): void {
    for (const bytes of this.#rewriter.end(from)) this.#take(from, { type: 'forward', bytes })
  }

  /** What a side said, as far as it came to the other one. */
  came(from: Side): Buffer {
    return Buffer.concat(from === 'client' ? this.server : this.client)
  }

  #take(from: Side, step: RelayStep): void {
    if (step.type === 'start-tls') throw new Error('nobody asked for TLS')
    const toServer = (from === 'client') === (step.type === 'forward')
    ;(toServer ? this.server : this.client).push(step.bytes)
  }
}

const piece = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 40 }),
  fc
    .constantFrom(
      '\0',
      '\0\0\0\x08',
      '\x03def',
      '>',
      '-',
      '-ERR no\r\n',
      '*',
      '\n',
      'get a\r\n',
      'EHLO me\r\n',
      'GET',
      'AMQP',
      '\x16\x03\x01',
      '220 hi\r\n',
      '{"a":1}\n',
      'J\0\0\0\x0a8.0',
    )
    .map((text) => new Uint8Array(Buffer.from(text, 'latin1'))),
)
const conversation = fc.array(fc.tuple(fc.constantFrom<Side>('client', 'server'), piece), { maxLength: 12 })

/** Whether a conversation begins as one of the protocol. */
function isOf(name: ProtocolName, chunks: readonly (readonly [Side, Uint8Array])[]): boolean {
  const firstBytes = new FirstBytes(findProtocol(name))
  for (const [from, chunk] of chunks) {
    const found = firstBytes.push(from, chunk)
    if (firstBytes.ruledOut) return false
    if (found !== undefined) return true
  }
  return false
}

describe.each(NAMES)('a relay that takes a connection for %s', (name) => {
  it('sends on every byte of one that is none, in order, whoever ends it and when', async () => {
    await fc.assert(
      fc.asyncProperty(conversation, async (chunks) => {
        fc.pre(!isOf(name, chunks))
        const carried = new Carried(rewriterOf(name))
        const said = { client: [] as Uint8Array[], server: [] as Uint8Array[] }
        for (const [from, chunk] of chunks) {
          said[from].push(chunk)
          await carried.push(from, chunk)
        }
        for (const side of ['client', 'server'] as const) {
          carried.end(side)
          expect(carried.came(side)).toEqual(Buffer.concat(said[side]))
        }
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['client', 'hello there\n', 'ok'],
    ['client', '\n', '!'],
    ['client', 'QUIT', '+'],
    ['server', '>', 'a'],
    ['server', '220 ready\r\n', 'EHLO me\r\n'],
    ['server', '-', '\0'],
  ] as const)('keeps nothing back of one that is none: the %s says %j', async (first, said, answer) => {
    const carried = new Carried(rewriterOf(name))
    const second = first === 'client' ? 'server' : 'client'
    await carried.push(first, Buffer.from(said))
    // Whoever waits for what the other one says can only go on when it came.
    expect(carried.came(first).toString()).toBe(said)
    await carried.push(second, Buffer.from(answer))
    expect(carried.came(first).toString()).toBe(said)
    expect(carried.came(second).toString()).toBe(answer)
  })
})

describe('what is kept of a message', () => {
  it.each([
    ['postgres', 'client', Buffer.from([0, 0, 0])],
    ['http', 'client', Buffer.from('GET / HTTP/1.1\r\nHost: a')],
  ] as const)('of %s goes on when the %s ends in the middle of it', async (name, from, bytes) => {
    const carried = new Carried(rewriterOf(name))
    await carried.push(from, bytes.subarray(0, 1))
    await carried.push(from, bytes.subarray(1))
    expect(carried.came(from).length).toBeLessThan(bytes.length)
    carried.end(from)
    expect(carried.came(from)).toEqual(bytes)
    carried.end(from)
    expect(carried.came(from)).toEqual(bytes)
  })

  it('of a server goes on when it ends, in the same way', async () => {
    const redis = new Carried(rewriterOf('redis'))
    await redis.push('client', Buffer.from('*2\r\n$3\r\nGET\r\n$1\r\na\r\n'))
    await redis.push('server', Buffer.from('-MOVED 39'))
    expect(redis.came('server')).toHaveLength(0)
    redis.end('server')
    expect(redis.came('server').toString()).toBe('-MOVED 39')

    const postgres = new Carried(rewriterOf('postgres', 'off'))
    const user = Buffer.from('user\0a\0\0')
    const head = Buffer.from([0, 0, 0, user.length + 8, 0, 3, 0, 0])
    await postgres.push('client', Buffer.concat([head, user]))
    await postgres.push('server', Buffer.from([0x52, 0, 0]))
    expect(postgres.came('server')).toHaveLength(0)
    postgres.end('server')
    expect(postgres.came('server')).toEqual(Buffer.from([0x52, 0, 0]))
  })
})
