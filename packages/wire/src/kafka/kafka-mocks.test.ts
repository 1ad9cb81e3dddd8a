import type { Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { kafkaProtocol } from './kafka-protocol.ts'
import { ask, tell, produceBody, producedBody, record } from './test-messages.ts'

const { mocks } = kafkaProtocol
const say = (request: Value) => kafkaProtocol.describe(request)

function pair(
  key: number,
  version: number,
  asked: Buffer,
  answered: Buffer,
  names = ['header', 'body', 'apiKey', 'apiVersion'] as const,
) {
  const [header, body, apiKey, apiVersion] = names
  const message = (data: unknown) => [{ origin: 'client', message: [{ type: 'string', data: JSON.stringify(data) }] }]
  return {
    // After length, key, version, correlation id and the client id "test".
    kafkaRequests: message({
      [header]: { [apiKey]: key, [apiVersion]: version, correlationId: 1, clientId: 'test' },
      apiKeyName: 'Produce',
      [body]: asked.subarray(18).toString('base64'),
    }),
    kafkaresponses: message({ [header]: { correlationId: 1 }, [body]: answered.subarray(8).toString('base64') }),
  }
}

describe('documents of calls to Kafka', () => {
  it('hold calls without loss', () => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.uint8Array())
    const tree = fc.dictionary(fc.string(), fc.oneof(leaf, fc.array(leaf)), { noNullPrototype: true })
    fc.assert(
      fc.property(tree, fc.option(tree, { nil: undefined }), (request, response) => {
        const call = {
          protocol: 'kafka',
          operation: 'Produce',
          request,
          ...(response !== undefined && { response }),
          lifetime: 'test',
        } as const
        expect(mocks.decode({ ...mocks.encode(call), lifetime: 'test' })).toEqual({ calls: [call] })
      }),
      { numRuns: 300 },
    )
  })

  it.each([[['header', 'body', 'apiKey', 'apiVersion']], [['Header', 'Body', 'ApiKey', 'apiversion']]] as const)(
    'of Keploy are read: %j',
    (names) => {
      const spec = pair(
        0,
        7,
        ask('Produce', 7, 1, produceBody('orders', [record(0, 'a', 'one'), record(1, null, 'two')])),
        tell('Produce', 7, 1, producedBody('orders', 4)),
        names as never,
      )
      expect(mocks.decode({ kind: 'Kafka', spec, lifetime: 'test' })).toEqual({
        calls: [
          {
            protocol: 'kafka',
            operation: 'Produce',
            request: { api: 'Produce', topic: 'orders', key: 'a', value: 'one' },
            response: { partition: 0, offset: 4 },
            lifetime: 'test',
          },
          {
            protocol: 'kafka',
            operation: 'Produce',
            request: { api: 'Produce', topic: 'orders', value: 'two' },
            response: { partition: 0, offset: 5 },
            lifetime: 'test',
          },
        ],
      })
    },
  )

  it.each([
    [{}, 'no apiKey'],
    [{ kafkarequests: [{ message: [{ data: '{' }] }] }, 'no JSON'],
    [{ kafkarequests: [{ message: [{ data: '7' }] }] }, 'no mapping'],
    [
      { kafkarequests: [{ message: [{ data: '{"header":{"apiKey":3,"apiVersion":99},"body":"AA=="}' }] }] },
      'not one of version 99',
    ],
  ])('that are no calls are told as a problem: %j', (spec, problem) => {
    expect(mocks.decode({ kind: 'Kafka', spec, lifetime: 'test' })).toEqual({
      problem: expect.stringContaining(problem) as string,
    })
  })

  it('never throw', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string(), (some, data) => {
        for (const kafkarequests of [
          some,
          [{ message: [{ data }] }],
          [{ message: [{ data: JSON.stringify({ header: { apiKey: 0, apiVersion: 3 }, body: data }) }] }],
        ]) {
          expect(mocks.decode({ kind: 'Kafka', spec: { kafkarequests } as never, lifetime: 'test' })).toBeTypeOf(
            'object',
          )
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('a request in one line', () => {
  it('says what a person would', () => {
    expect(say({ api: 'Produce', topic: 'orders', key: 'a', value: '{"total":12}' })).toBe(
      'Produce orders key a {"total":12}',
    )
    expect(say({ api: 'Fetch', topic: 'orders', partition: 1, offset: 5 })).toBe('Fetch orders/1 from 5')
    expect(say({ api: 'EndTxn', transactionalId: 't', committed: true })).toBe(
      'EndTxn transactionalId t committed true',
    )
    expect(say({ api: 'api 99', version: 2, body: new Uint8Array(3) })).toBe('api 99 version 2 3 bytes')
    expect(say({ api: 'Produce', topic: 'orders', value: 'x'.repeat(500) })).toHaveLength(200)
    expect(say(null)).toBe('nothing')
  })
})
