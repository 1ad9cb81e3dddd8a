import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'

import { clientFor, collect, failure } from '../../test/client.ts'
import { faults } from '../faults/faults.ts'
import { MockOpenAIBuilder } from '../mock-openai-builder.ts'

describe('the Responses API with the official client', () => {
  it('answers JSON with text and usage', async () => {
    await using llm = await new MockOpenAIBuilder().responses
      .once({
        match: { system: 'short', last: 'Hi' },
        reply: { content: 'Hello', usage: { prompt: 10, completion: 2, cached: 4, reasoning: 1 } },
      })
      .start()
    const answer = await clientFor(llm).responses.create({ model: 'gpt-5', instructions: 'Be short', input: 'Hi' })
    expect(answer.output_text).toBe('Hello')
    expect(answer).toMatchObject({
      status: 'completed',
      usage: {
        input_tokens: 10,
        input_tokens_details: { cached_tokens: 4 },
        output_tokens: 2,
        output_tokens_details: { reasoning_tokens: 1 },
        total_tokens: 12,
      },
    })
    expect(llm.cost.usd).toBeCloseTo((6 * 0.00125 + 4 * 0.000125 + 2 * 0.01) / 1000, 12)
  })

  it('streams the events of a text in their order', async () => {
    await using llm = await new MockOpenAIBuilder().responses.always('one two').start()
    const client = clientFor(llm)
    const events = await collect(await client.responses.create({ model: 'gpt-5', input: 'Hi', stream: true }))
    expect(events.map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ])
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
    const final = await client.responses.stream({ model: 'gpt-5', input: 'Hi' }).finalResponse()
    expect(final.output_text).toBe('one two')
  })

  it('streams calls of functions, and takes their results', async () => {
    await using llm = await new MockOpenAIBuilder().responses
      .once({ match: { tools: ['search'] }, reply: { toolCalls: [{ name: 'search', arguments: { q: 'john' } }] } })
      .responses.once({ match: { toolResult: '3 clients' }, reply: 'There are three.' })
      .start()
    const client = clientFor(llm)
    const tools: OpenAI.Responses.Tool[] = [
      { type: 'function', name: 'search', strict: false, parameters: { type: 'object', properties: {} } },
    ]
    const types: string[] = []
    const stream = client.responses.stream({ model: 'gpt-5', input: 'Find john', tools })
    stream.on('event', ({ type }) => types.push(type))
    const called = await stream.finalResponse()
    expect(types).toContain('response.function_call_arguments.delta')
    expect(types).toContain('response.function_call_arguments.done')
    const call = called.output[0] as OpenAI.Responses.ResponseFunctionToolCall
    expect(call).toMatchObject({ type: 'function_call', name: 'search', arguments: '{"q":"john"}' })
    const answer = await client.responses.create({
      model: 'gpt-5',
      tools,
      input: [
        { role: 'user', content: 'Find john' },
        call,
        { type: 'function_call_output', call_id: call.call_id, output: '3 clients' },
      ],
    })
    expect(answer.output_text).toBe('There are three.')
  })

  it('declines, is filtered, and stops at a length', async () => {
    await using llm = await new MockOpenAIBuilder().responses
      .times(2, { reply: { refusal: 'No.' } })
      .responses.once({ fault: faults.contentFilter(), reply: 'too far' })
      .responses.once({ reply: { content: 'cut', finishReason: 'length' } })
      .responses.once(faults.empty({ choices: 'none' }))
      .start()
    const client = clientFor(llm)
    const ask = { model: 'gpt-5', input: 'Hi' }
    expect((await client.responses.create(ask)).output[0]).toMatchObject({
      content: [{ type: 'refusal', refusal: 'No.' }],
    })
    const streamed = await client.responses.stream(ask).finalResponse()
    expect(streamed.output[0]).toMatchObject({ content: [{ type: 'refusal', refusal: 'No.' }] })
    expect(await client.responses.create(ask)).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'content_filter' },
    })
    const events = await collect(await client.responses.create({ ...ask, stream: true }))
    expect(events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { incomplete_details: { reason: 'max_output_tokens' } },
    })
    expect((await client.responses.create(ask)).output).toEqual([])
  })

  it('sends an error event', async () => {
    await using llm = await new MockOpenAIBuilder().responses
      .once(faults.errorChunk({ afterChunks: 3, code: 'server_is_overloaded', message: 'Too much.' }))
      .start()
    const stream = await clientFor(llm).responses.create({ model: 'gpt-5', input: 'Hi', stream: true })
    const error = await failure(collect(stream))
    expect(error).toBeInstanceOf(OpenAI.APIError)
    expect(error).toMatchObject({ code: 'server_is_overloaded' })

    llm.responses.once(faults.errorChunk({ afterChunks: 3, code: 'server_is_overloaded' }))
    const raw = await fetch(`${llm.baseUrl}/responses`, {
      method: 'POST',
      body: JSON.stringify({ model: 'gpt-5', input: 'Hi', stream: true }),
    })
    expect((await raw.text()).split('\n\n').at(-2)).toBe(
      'event: error\ndata: {"type":"error","sequence_number":3,"code":"server_is_overloaded","message":"The server had an error.","param":null}',
    )
  })
})
