import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { RelayStep } from '../protocol/rewriter.ts'
import { kafkaProtocol } from './kafka-protocol.ts'
import { readResponse } from './message.ts'
import { apiNamed } from './schemas/apis.ts'
import { ask, conversation, produceBody, record, tell } from './test-messages.ts'

function rewriter() {
  const made = kafkaProtocol.createRewriter?.({
    tls: 'off',
    relayFor: async (host, port) => {
      await Promise.resolve()
      if (host === 'lost') throw new Error('no relay')
      return { host: '127.0.0.1', port: port + 1 }
    },
  })
  if (made === undefined) throw new Error('no rewriter')
  return made
}

function bytesOf(steps: readonly RelayStep[]): Buffer {
  return Buffer.concat(steps.map((step) => (step.type === 'forward' ? step.bytes : Buffer.alloc(0))))
}

/** What comes out on both sides. */
async function through(parts: readonly { from: 'client' | 'server'; bytes: Buffer }[], size = 1 << 20) {
  const made = rewriter()
  const out = { client: [] as Buffer[], server: [] as Buffer[] }
  for (const { from, bytes } of parts) {
    for (let at = 0; at < bytes.length; at += size) {
      const chunk = bytes.subarray(at, at + size)
      out[from].push(bytesOf(await (from === 'client' ? made.fromClient(chunk) : made.fromServer(chunk))))
    }
  }
  return { client: Buffer.concat(out.client), server: Buffer.concat(out.server) }
}

const sent = (from: 'client' | 'server') =>
  Buffer.concat(conversation.filter((part) => part.from === from).map(({ bytes }) => bytes))

describe('a relay of Kafka', () => {
  it('changes addresses and versions, and not one other byte, however they are cut', async () => {
    const expected = conversation.flatMap(({ from, bytes }, index) => {
      if (from === 'client') return []
      if (index === 1)
        return [
          tell('ApiVersions', 3, 1, {
            errorCode: 0,
            apiKeys: [
              { apiKey: 0, minVersion: 0, maxVersion: 12 },
              { apiKey: 17, minVersion: 1, maxVersion: 1 },
            ],
          }),
        ]
      if (index !== 3) return [bytes]
      const schema = apiNamed('Metadata')
      const body = schema === undefined ? undefined : readResponse(schema, 9, bytes.subarray(8))?.body
      return [tell('Metadata', 9, 2, { ...body, brokers: [{ nodeId: 7, host: '127.0.0.1', port: 9093, rack: null }] })]
    })
    for (const size of [1, 3, 7, 64, 1 << 20]) {
      const { client, server } = await through(conversation, size)
      expect(client).toEqual(sent('client'))
      expect(server).toEqual(Buffer.concat(expected))
    }
  })

  it.each([
    ['FindCoordinator', 2, { host: 'broker', port: 9092 }],
    ['FindCoordinator', 4, { coordinators: [{ key: 'g', nodeId: 1, host: 'broker', port: 9092 }] }],
    ['DescribeCluster', 0, { clusterId: 'c', brokers: [{ brokerId: 1, host: 'broker', port: 9092 }] }],
    ['Produce', 10, { responses: [], nodeEndpoints: [{ nodeId: 1, host: 'broker', port: 9092, rack: null }] }],
  ] as const)('changes addresses in %s version %i', async (name, version, body) => {
    const request = ask(name, version, 1, name === 'Produce' ? { acks: 1 } : {})
    const { server } = await through([
      { from: 'client', bytes: request },
      { from: 'server', bytes: tell(name, version, 1, body) },
    ])
    expect(server.includes('broker')).toBe(false)
    expect(server.includes('127.0.0.1')).toBe(true)
  })

  it('knows that some requests have no answer, and leaves an address that no relay leads to', async () => {
    const lost = tell('FindCoordinator', 1, 2, { host: 'lost', port: 9092 })
    const { server } = await through([
      {
        from: 'client',
        bytes: ask('Produce', 9, 1, produceBody('orders', [record(0, null, 'x')], { acks: 0, transactionalId: 't' })),
      },
      { from: 'client', bytes: ask('FindCoordinator', 1, 2, { key: 'g' }) },
      { from: 'server', bytes: lost },
    ])
    expect(server).toEqual(lost)
  })

  it('lets everything by as it is after what it does not understand', async () => {
    const noise = Buffer.from('this is no Kafka at all, is it')
    const parts = [
      { from: 'client' as const, bytes: noise },
      { from: 'server' as const, bytes: noise },
      ...conversation,
    ]
    const { client, server } = await through(parts)
    expect(client).toEqual(Buffer.concat([noise, sent('client')]))
    expect(server).toEqual(Buffer.concat([noise, sent('server')]))
  })

  it('never throws, and never loses a byte of a client', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((each) => Buffer.from(each)),
      fc.constantFrom(...conversation.map(({ bytes }) => bytes)),
    )
    const part = fc.record({ from: fc.constantFrom('client' as const, 'server' as const), bytes: piece })
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (parts) => {
        const { client } = await through(parts)
        expect(client).toEqual(Buffer.concat(parts.filter(({ from }) => from === 'client').map(({ bytes }) => bytes)))
      }),
      { numRuns: 300 },
    )
  })
})
