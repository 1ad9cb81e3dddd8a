import { describe, expect, it } from 'vitest'

import { costOfAnswer, type RecordedAnswer } from './recorded-answer.ts'

function answer(target: string, request: unknown, body: unknown, events?: readonly unknown[]): RecordedAnswer {
  return {
    method: 'POST',
    target,
    requestBody: JSON.stringify(request),
    status: 200,
    body: body === undefined ? '' : JSON.stringify(body),
    ...(events !== undefined && {
      events: events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event))),
    }),
  }
}

const CHAT = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] }

describe('what a recorded call to a language model used', () => {
  it('is what a chat completion reports, priced with its cached part', () => {
    const usage = { prompt_tokens: 1000, completion_tokens: 500, prompt_tokens_details: { cached_tokens: 400 } }
    expect(costOfAnswer(answer('/v1/chat/completions', CHAT, { model: 'gpt-4o-mini-2024-07-18', usage }))).toEqual({
      model: 'gpt-4o-mini-2024-07-18',
      usage: { input: 1000, output: 500, cached: 400, reasoning: 0 },
      usd: 0.00042,
    })
  })

  it('is what the last chunk of a stream reports, and unknown when none does', () => {
    const chunk = { model: 'gpt-4o-mini', choices: [{ delta: { content: 'a' } }], usage: null }
    const last = { model: 'gpt-4o-mini', choices: [], usage: { prompt_tokens: 9, completion_tokens: 3 } }
    const streamed = (events: readonly unknown[]) =>
      costOfAnswer(answer('/v1/chat/completions', { ...CHAT, stream: true }, undefined, events))
    expect(streamed([chunk, chunk, last, '[DONE]'])).toMatchObject({ usage: { input: 9, output: 3 } })
    expect(streamed([chunk, chunk, '[DONE]'])).toEqual({ model: 'gpt-4o-mini' })
  })

  it('is read from responses, whole and streamed', () => {
    const response = {
      object: 'response',
      model: 'gpt-5-mini',
      usage: { input_tokens: 20, output_tokens: 10, output_tokens_details: { reasoning_tokens: 4 } },
    }
    const wanted = { model: 'gpt-5-mini', usage: { input: 20, output: 10, reasoning: 4 } }
    expect(costOfAnswer(answer('/v1/responses', { model: 'gpt-5-mini', input: 'a' }, response))).toMatchObject(wanted)
    expect(
      costOfAnswer(
        answer('/v1/responses', { model: 'gpt-5-mini', input: 'a', stream: true }, undefined, [
          { type: 'response.created', response: { ...response, usage: null } },
          { type: 'response.output_text.delta', delta: 'x' },
          { type: 'response.completed', response },
        ]),
      ),
    ).toMatchObject(wanted)
  })

  it('is read from messages of Anthropic, whose streams tell input first and output last', () => {
    const request = { model: 'claude-x', max_tokens: 99, messages: [] }
    const usage = { input_tokens: 10, cache_read_input_tokens: 5, cache_creation_input_tokens: 2, output_tokens: 1 }
    expect(costOfAnswer(answer('/v1/messages', request, { model: 'claude-x', usage }))).toEqual({
      model: 'claude-x',
      usage: { input: 17, output: 1, cached: 5, reasoning: 0 },
    })
    expect(
      costOfAnswer(
        answer('/v1/messages', request, undefined, [
          { type: 'message_start', message: { model: 'claude-x', usage } },
          { type: 'content_block_delta', delta: { text: 'a' } },
          { type: 'message_delta', usage: { output_tokens: 42 } },
        ]),
      ),
    ).toMatchObject({ usage: { input: 17, output: 42 } })
  })

  it('is nothing for an error, and there is none for other calls', () => {
    expect(costOfAnswer({ ...answer('/v1/chat/completions', CHAT, { error: {} }), status: 429 })).toMatchObject({
      usage: { input: 0, output: 0 },
      usd: 0,
    })
    expect(costOfAnswer(answer('/v1/messages', { text: 'a', to: 'b' }, {}))).toBeUndefined()
    expect(costOfAnswer(answer('/v1/charges', CHAT, {}))).toBeUndefined()
    expect(costOfAnswer({ ...answer('/v1/responses', CHAT, {}), requestBody: 'no JSON' })).toBeUndefined()
    expect(costOfAnswer({ ...answer('/v1/responses', CHAT, {}), method: 'GET' })).toBeUndefined()
  })
})
