import { describe, expect, it } from 'vitest'

import { clientFor, collect, user } from '../../test/client.ts'
import { MockOpenAIBuilder } from '../mock-openai-builder.ts'
import { mockLlmResponse } from './mock-llm-response.ts'

const weather = {
  type: 'function' as const,
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}
const time = { type: 'function' as const, function: { name: 'time', parameters: { type: 'object', properties: {} } } }

describe('chat completions with the official client', () => {
  it('answers JSON with the request id, the usage in detail, and an empty refusal', async () => {
    await using llm = await new MockOpenAIBuilder({ now: () => 1_700_000_000_000 }).chat
      .once({
        reply: {
          content: 'Hello',
          usage: { prompt: 12, completion: 7, cached: 5, cacheWrite: 1, reasoning: 3 },
          headers: { 'x-mine': 'yes' },
        },
      })
      .start()
    const answer = await clientFor(llm).chat.completions.create({ model: 'gpt-4o', messages: [user('Hi')] })
    expect(answer).toMatchObject({
      _request_id: 'req_1',
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'gpt-4o',
      choices: [
        {
          index: 0,
          finish_reason: 'stop',
          message: { role: 'assistant', content: 'Hello', refusal: null, annotations: [] },
        },
      ],
      usage: {
        prompt_tokens: 12,
        completion_tokens: 7,
        total_tokens: 19,
        prompt_tokens_details: { cached_tokens: 5, cache_write_tokens: 1, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 3 },
      },
    })
    expect(llm.requests).toMatchObject([
      { endpoint: 'chat', model: 'gpt-4o', status: 200, outcome: 'answered', headers: { authorization: '***' } },
    ])
    expect(llm.cost).toMatchObject({ calls: 1, spentUsd: 0, unpriced: [] })
  })

  it('streams role, text, finish reason and [DONE], and no usage unless it is asked for', async () => {
    await using llm = await new MockOpenAIBuilder().chat.always('one two three').start()
    const client = clientFor(llm)
    const request = { model: 'gpt-4o', messages: [user('Hi')], stream: true as const }
    const chunks = await collect(await client.chat.completions.create(request))
    expect(chunks[0]!.choices[0]!.delta).toMatchObject({ role: 'assistant', content: '' })
    expect(chunks.map((chunk) => chunk.choices[0]!.delta.content ?? '').join('')).toBe('one two three')
    expect(chunks.length).toBe(5)
    expect(chunks.at(-1)!.choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' })
    expect(chunks.every((chunk) => !('usage' in chunk))).toBe(true)

    const raw = await client.chat.completions.create(request).asResponse()
    expect((await raw.text()).endsWith('data: [DONE]\n\n')).toBe(true)
  })

  it('sends one more chunk with the usage, and null in all others, when it is asked for', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .once({ reply: { content: 'one two', usage: { prompt: 3, completion: 2 } } })
      .start()
    const stream = await clientFor(llm).chat.completions.create({
      model: 'gpt-4o',
      messages: [user('Hi')],
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = await collect(stream)
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true)
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 3, total_tokens: 5 } })
  })

  it('streams parallel tool calls by index, their arguments in pieces', async () => {
    const toolCalls = [
      { name: 'weather', arguments: { city: 'Zürich 🏔️ and its surroundings' } },
      { name: 'time', id: 'call_own', arguments: '{}' },
    ]
    await using llm = await new MockOpenAIBuilder().chat.always({ reply: { toolCalls } }).start()
    const client = clientFor(llm)
    const request = { model: 'gpt-4o', messages: [user('Hi')], tools: [weather, time] }

    const stream = client.chat.completions.stream(request)
    const deltas: { index: number; id?: string; arguments?: string }[] = []
    stream.on('chunk', (chunk) => {
      for (const call of chunk.choices[0]?.delta.tool_calls ?? []) {
        deltas.push({
          index: call.index,
          ...(call.id === undefined ? {} : { id: call.id }),
          arguments: call.function?.arguments ?? '',
        })
      }
    })
    const streamed = await stream.finalChatCompletion()
    expect(deltas[0]).toEqual({ index: 0, id: 'call_1_1', arguments: '' })
    expect(deltas[1]).toEqual({ index: 1, id: 'call_own', arguments: '' })
    expect(deltas.slice(2).every((delta) => delta.id === undefined)).toBe(true)
    expect(deltas.filter(({ index }) => index === 0).length).toBeGreaterThan(3)

    const whole = await client.chat.completions.create(request)
    for (const { choices } of [streamed, whole]) {
      expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } })
      expect(
        choices[0]!.message.tool_calls!.map((call) =>
          call.type === 'function' ? JSON.parse(call.function.arguments) : '',
        ),
      ).toEqual([{ city: 'Zürich 🏔️ and its surroundings' }, {}])
    }
  })

  it('declines, stops at a length, and gives several choices', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .times(2, { reply: { refusal: 'I will not.' } })
      .chat.once({ reply: { content: 'cut', finishReason: 'length' } })
      .chat.once('both')
      .start()
    const client = clientFor(llm)
    const request = { model: 'gpt-4o', messages: [user('Hi')] }
    const declined = await client.chat.completions.create(request)
    expect(declined.choices[0]!.message).toMatchObject({ content: null, refusal: 'I will not.' })
    const streamed = await client.chat.completions.stream(request).finalChatCompletion()
    expect(streamed.choices[0]!.message).toMatchObject({ refusal: 'I will not.' })
    expect((await client.chat.completions.create(request)).choices[0]!.finish_reason).toBe('length')
    const two = await client.chat.completions.create({ ...request, n: 2 })
    expect(two.choices.map(({ index, message }) => [index, message.content])).toEqual([
      [0, 'both'],
      [1, 'both'],
    ])
  })

  it('lists models, and says which do not exist', async () => {
    await using llm = await new MockOpenAIBuilder().models('gpt-4o', 'mine').start()
    const client = clientFor(llm)
    expect((await collect(client.models.list())).map(({ id }) => id)).toEqual(['gpt-4o', 'mine'])
    expect(await client.models.retrieve('mine')).toMatchObject({ id: 'mine', object: 'model' })
    await expect(client.models.retrieve('other')).rejects.toThrow('"other" does not exist here; there are gpt-4o, mine')
  })
})

describe('mockLlmResponse', () => {
  it('is a completion as the API sends it', () => {
    expect(mockLlmResponse('Hello')).toMatchObject({
      id: 'chatcmpl-test',
      model: 'gpt-4o',
      choices: [{ finish_reason: 'stop', message: { content: 'Hello' } }],
      usage: { completion_tokens: 2 },
    })
    const calls = mockLlmResponse({ model: 'gpt-4', toolCalls: [{ name: 'search', arguments: { q: 'john' } }] })
    expect(calls.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { content: null, tool_calls: [{ function: { name: 'search', arguments: '{"q":"john"}' } }] },
    })
  })
})
