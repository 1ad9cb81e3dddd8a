import type { Value } from '@keploy-framework/format'
import type { RecordedCall } from '@keploy-framework/match'
import { describe, expect, it } from 'vitest'

import { agreedProtocol } from './agreed-protocol.ts'
import { LlmTally } from './llm-tally.ts'

function recorded(request: Value, response: Value, options: Partial<RecordedCall> = {}): RecordedCall {
  return {
    name: 'mock-0',
    dependency: 'https api.example.com',
    connection: '1',
    protocol: 'http',
    operation: 'POST',
    lifetime: 'test',
    tests: ['a'],
    key: () => request,
    request: () => request,
    response: () => response,
    ...options,
  }
}

const asked = (model: string): Value => ({
  target: '/v1/chat/completions',
  host: 'api.example.com',
  body: JSON.stringify({ model, messages: [], stream: true }),
})
const streamed = (...chunks: readonly unknown[]): Value => ({
  status: 200,
  stream: { kind: 'sse', items: chunks.map((chunk, atMs) => ({ atMs, data: JSON.stringify(chunk) })) },
})
const USAGE = { usage: { prompt_tokens: 1000, completion_tokens: 100 } }

describe('what the calls of a test to language models used', () => {
  it('is added up, and priced as long as every price is known', () => {
    const tally = new LlmTally()
    expect(tally.use).toBeUndefined()
    tally.add(recorded({ target: '/pay', body: '{}' }, { status: 200, body: '{}' }))
    expect(tally.use).toBeUndefined()
    const call = recorded(asked('gpt-4o'), streamed({ choices: [] }, USAGE))
    tally.add(call)
    tally.add(call)
    expect(tally.use).toEqual({ calls: 2, inputTokens: 2000, outputTokens: 200, costUsd: 0.007 })
    tally.add(recorded(asked('my-model'), streamed(USAGE)))
    expect(tally.use).toEqual({ calls: 3, inputTokens: 3000, outputTokens: 300 })
  })

  it('is said to be unknown where an answer does not tell', () => {
    const tally = new LlmTally()
    tally.add(recorded(asked('gpt-4o'), streamed({ choices: [] })))
    expect(tally.use).toEqual({ calls: 1, inputTokens: 0, outputTokens: 0, unknown: 1 })
  })
})

describe('what was agreed with a server', () => {
  const over = (version: string, options: Partial<RecordedCall> = {}) =>
    recorded({ host: 'api.example.com' }, { status: 200, version }, options)

  it('is HTTP/2 where its calls came over it, whichever way they were recorded', () => {
    expect(agreedProtocol([over('1.1')], 'https api.example.com')).toBeUndefined()
    expect(agreedProtocol([over('1.1'), over('2')], 'https api.example.com')).toBe('h2')
    expect(agreedProtocol([over('2')], 'https other.example.com')).toBeUndefined()
    expect(agreedProtocol([over('2', { dependency: 'grpc api.example.com:443' })], 'https api.example.com')).toBe('h2')
    const foreign = recorded({ host: '' }, null, { protocol: 'grpc', dependency: 'grpc' })
    expect(agreedProtocol([foreign], 'https any.example.com')).toBe('h2')
    expect(agreedProtocol([recorded(null, null, { protocol: 'redis' })], 'https api.example.com')).toBeUndefined()
  })
})
