import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'

import { clientFor, collect, failure, user } from '../../test/client.ts'
import { MockOpenAIBuilder } from '../mock-openai-builder.ts'
import { faults } from './faults.ts'

const request = { model: 'gpt-4o', messages: [user('Hi')] }
const streamed = { ...request, stream: true as const }

describe('error statuses with the official client', () => {
  it.each([408, 409, 429, 500, 503])('is retried after %i, twice at most, and counts the attempts', async (status) => {
    await using llm = await new MockOpenAIBuilder().chat.times(3, faults.status(status, { retryAfterMs: 1 })).start()
    const error = await failure(clientFor(llm).chat.completions.create(request))
    expect(error).toMatchObject({ status })
    expect(llm.requests.map(({ retry, outcome }) => [retry, outcome])).toEqual([
      [0, 'faulted'],
      [1, 'faulted'],
      [2, 'faulted'],
    ])
  })

  it.each([400, 401, 403, 404, 422])('is not retried after %i', async (status) => {
    await using llm = await new MockOpenAIBuilder().chat.once(faults.status(status)).start()
    expect(await failure(clientFor(llm).chat.completions.create(request))).toMatchObject({ status })
    expect(llm.requests).toHaveLength(1)
  })

  it('carries message, type, parameter and code', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .once(
        faults.rateLimit({ shouldRetry: false, message: 'Slow down.', param: 'tokens', headers: { 'x-mine': '1' } }),
      )
      .start()
    const error = await failure(clientFor(llm).chat.completions.create(request))
    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    expect(error).toMatchObject({ code: 'rate_limit_exceeded', type: 'requests', param: 'tokens' })
    expect(error.message).toBe('429 Slow down.')
  })

  it('waits as long as retry-after-ms says, which goes before retry-after', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .once(faults.rateLimit({ retryAfterMs: 5, retryAfter: 50 }), 'then')
      .start()
    const answer = await clientFor(llm).chat.completions.create(request)
    expect(answer.choices[0]!.message.content).toBe('then')
  })

  it('does not wait longer than a minute, whatever it is told', async () => {
    await using llm = await new MockOpenAIBuilder().chat.once(faults.rateLimit({ retryAfter: 3600 }), 'then').start()
    const answer = await clientFor(llm).chat.completions.create(request)
    expect(answer.choices[0]!.message.content).toBe('then')
  })

  it('writes retry-after in seconds and as a date', async () => {
    const moment = new Date('2026-01-02T03:04:05Z')
    await using llm = await new MockOpenAIBuilder().chat
      .once(faults.rateLimit({ retryAfter: 7 }), faults.rateLimit({ retryAfter: moment }))
      .start()
    const send = () => fetch(`${llm.baseUrl}/chat/completions`, { method: 'POST', body: JSON.stringify(request) })
    expect((await send()).headers.get('retry-after')).toBe('7')
    expect((await send()).headers.get('retry-after')).toBe('Fri, 02 Jan 2026 03:04:05 GMT')
  })

  it('lets x-should-retry overrule the status, both ways', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .once(faults.status(400, { shouldRetry: true, retryAfterMs: 1 }), 'again')
      .chat.once(faults.serverError({ shouldRetry: false }))
      .start()
    const client = clientFor(llm)
    expect((await client.chat.completions.create(request)).choices[0]!.message.content).toBe('again')
    await expect(client.chat.completions.create(request)).rejects.toThrow(OpenAI.InternalServerError)
    expect(llm.requests).toHaveLength(3)
  })

  it('retries an empty quota as well, because the client does', async () => {
    await using llm = await new MockOpenAIBuilder().chat.times(3, faults.quota({ retryAfterMs: 1 })).start()
    const error = await failure(clientFor(llm).chat.completions.create(request))
    expect(error).toMatchObject({ code: 'insufficient_quota' })
  })
})

describe('broken answers with the official client', () => {
  it('runs into its time limit when no headers come, and tries again', async () => {
    await using llm = await new MockOpenAIBuilder().chat.once(faults.timeout(), 'then').start()
    const patient = clientFor(llm, { timeout: 1000 })
    expect((await patient.chat.completions.create(request)).choices[0]!.message.content).toBe('then')
    llm.chat.once(faults.timeout())
    const error = await failure(clientFor(llm, { timeout: 200, maxRetries: 0 }).chat.completions.create(request))
    expect(error).toBeInstanceOf(OpenAI.APIConnectionTimeoutError)
    expect(llm.requests.map(({ outcome }) => outcome)).toContain('gone')
  })

  it('gets an answer that is only late', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .once(faults.delay({ ms: 20 }), faults.timeout({ ms: 20 }))
      .start()
    for (let turn = 0; turn < 2; turn++) {
      expect((await clientFor(llm).chat.completions.create(request)).choices).toHaveLength(1)
    }
  })

  it('sees no error when a stream stalls, whatever its time limit', async () => {
    await using llm = await new MockOpenAIBuilder().chat.once(faults.stall({ afterChunks: 2 })).start()
    const stream = await clientFor(llm, { timeout: 1000, maxRetries: 0 }).chat.completions.create(streamed)
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const chunk of stream) seen.push(chunk)
    })()
    const pause = new Promise<string>((resolve) => setTimeout(() => resolve('silent'), 1500))
    expect(
      await Promise.race([
        reading.then(
          () => 'ended',
          () => 'failed',
        ),
        pause,
      ]),
    ).toBe('silent')
    expect(seen).toHaveLength(2)
    stream.controller.abort()
    await reading.catch(() => undefined)
  })

  it('goes on after a stall with an end', async () => {
    await using llm = await new MockOpenAIBuilder().chat.once(faults.stall({ afterChunks: 2, ms: 20 })).start()
    const chunks = await collect(await clientFor(llm).chat.completions.create(streamed))
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('stop')
  })

  it.each(['reset', 'close'] as const)('fails without a retry when a stream is cut in the middle (%s)', async (how) => {
    await using llm = await new MockOpenAIBuilder().chat.once(faults.cut({ afterChunks: 3, how })).start()
    const stream = await clientFor(llm).chat.completions.create(streamed)
    const seen: unknown[] = []
    const error = await failure(
      (async () => {
        for await (const chunk of stream) seen.push(chunk)
      })(),
    )
    expect(seen).toHaveLength(3)
    expect(error).not.toBeInstanceOf(OpenAI.RateLimitError)
    expect(error.message).toMatch(/terminated|Connection error/)
    expect(llm.requests).toHaveLength(1)
  })

  it('is retried in silence when it is cut before the first byte', async () => {
    await using llm = await new MockOpenAIBuilder().chat.once(faults.cut(), 'then').start()
    const answer = await clientFor(llm).chat.completions.create(request)
    expect(answer.choices[0]!.message.content).toBe('then')
    expect(llm.requests.map(({ retry }) => retry)).toEqual([0, 1])
  })

  it('cuts a body that is no stream in its middle', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .once({ fault: faults.cut({ afterChunks: 1, how: 'close' }), reply: 'x'.repeat(2000) })
      .start()
    expect((await failure(clientFor(llm, { maxRetries: 0 }).chat.completions.create(request))).message).toMatch(
      /terminated|Connection error/,
    )
  })

  it('ends a stream without finish reason and [DONE]: iteration ends, the helper throws', async () => {
    await using llm = await new MockOpenAIBuilder().chat.times(2, faults.endEarly({ afterChunks: 3 })).start()
    const client = clientFor(llm)
    const chunks = await collect(await client.chat.completions.create(streamed))
    expect(chunks).toHaveLength(3)
    await expect(client.chat.completions.stream(request).finalChatCompletion()).rejects.toThrow(
      'missing finish_reason for choice 0',
    )
  })

  it('sends JSON that cannot be parsed, as the answer and in a stream', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .once(faults.malformedJson(), faults.malformedJson({ afterChunks: 2 }))
      .start()
    const client = clientFor(llm, { logLevel: 'off', maxRetries: 0 })
    expect(await failure(client.chat.completions.create(request))).toBeInstanceOf(SyntaxError)
    expect(await failure(collect(await client.chat.completions.create(streamed)))).toBeInstanceOf(SyntaxError)
  })

  it('sends an error in the stream', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .once(faults.errorChunk({ afterChunks: 2, message: 'Overloaded.', code: 'overloaded' }))
      .start()
    const error = await failure(collect(await clientFor(llm).chat.completions.create(streamed)))
    expect(error).toBeInstanceOf(OpenAI.APIError)
    expect(error).toMatchObject({ code: 'overloaded', message: 'Overloaded.' })
  })
})

describe('what the model does with the official client', () => {
  it('filters the output, streamed or not', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .times(2, { fault: faults.contentFilter({ category: 'hate' }), reply: 'something that goes too far' })
      .start()
    const client = clientFor(llm)
    const whole = await client.chat.completions.create(request)
    expect(whole.choices[0]).toMatchObject({
      finish_reason: 'content_filter',
      content_filter_results: { hate: { filtered: true } },
      message: { content: 'something that' },
    })
    const chunks = await collect(await client.chat.completions.create(streamed))
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('content_filter')
  })

  it('filters the input', async () => {
    await using llm = await new MockOpenAIBuilder().chat.once(faults.contentFilter({ at: 'input' })).start()
    const error = await failure(clientFor(llm).chat.completions.create(request))
    expect(error).toBeInstanceOf(OpenAI.BadRequestError)
    expect(error).toMatchObject({ code: 'content_filter' })
  })

  it('answers nothing, or without any choice', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .times(2, faults.empty())
      .chat.times(2, faults.empty({ choices: 'none' }))
      .start()
    const client = clientFor(llm)
    expect((await client.chat.completions.create(request)).choices[0]!.message.content).toBe('')
    const blank = await collect(await client.chat.completions.create(streamed))
    expect(blank.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('')
    expect((await client.chat.completions.create(request)).choices).toEqual([])
    expect(await collect(await client.chat.completions.create(streamed))).toEqual([])
  })
})

describe('the vocabulary', () => {
  it.each([
    () => faults.status(200),
    () => faults.status(429.5),
    () => faults.rateLimit({ retryAfterMs: -1 }),
    () => faults.stall({ afterChunks: Number.NaN }),
    () => faults.delay({ ms: -5 }),
  ])('refuses numbers that make no sense (%#)', (make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'KEPLOY_LLM_OPTION' }))
  })
})
