import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'

import { clientFor, failure, user } from '../../test/client.ts'
import { faults } from '../faults/faults.ts'
import { MockOpenAIBuilder } from '../mock-openai-builder.ts'
import { MockApiBuilder } from '../rest/mock-api-builder.ts'
import { requireOpenAiKey } from './require-openai-key.ts'
import { withLlmRetry } from './with-llm-retry.ts'
import { timeoutTiers, withTimeoutTier } from './with-timeout-tier.ts'

const request = { model: 'gpt-4o', messages: [user('Hi')] }

describe('requireOpenAiKey', () => {
  it('finds the key when tests are switched on and the API takes it', async () => {
    await using api = await new MockApiBuilder()
      .get('/v1/models')
      .once({ json: { data: [] } })
      .start()
    const env = { ENABLE_REAL_API_TESTS: 'true', OPENAI_API_KEY: ' sk-real ', OPENAI_BASE_URL: `${api.baseUrl}/v1/` }
    expect(await requireOpenAiKey(env)).toEqual({ available: true, key: 'sk-real', baseUrl: `${api.baseUrl}/v1` })
    expect(await requireOpenAiKey({ ...env, OPENAI_BASE_URL: undefined }, { verify: false })).toMatchObject({
      baseUrl: 'https://api.openai.com/v1',
    })
  })

  it.each([
    [{}, 'tests with the real API are off; set ENABLE_REAL_API_TESTS=true'],
    [{ ENABLE_REAL_API_TESTS: 'false', OPENAI_API_KEY: 'sk-1' }, 'are off'],
    [{ ENABLE_REAL_API_TESTS: '1' }, 'OPENAI_API_KEY is not set'],
    [{ ENABLE_REAL_API_TESTS: '1', OPENAI_API_KEY: 'sk-a b' }, 'holds a space'],
    [
      { ENABLE_REAL_API_TESTS: '1', OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' },
      "can't be reached",
    ],
    [{ ENABLE_REAL_API_TESTS: '1', OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: 'no url' }, "can't be reached"],
  ])('says why not: %j', async (env, reason) => {
    expect(await requireOpenAiKey(env)).toEqual({ available: false, reason: expect.stringContaining(reason) as string })
  })

  it('says that the API does not take the key, and when it cannot say', async () => {
    await using api = await new MockApiBuilder()
      .get('/models')
      .once(faults.status(401), faults.status(503), faults.timeout())
      .start()
    const env = { ENABLE_REAL_API_TESTS: 'true', OPENAI_API_KEY: 'sk-1', OPENAI_BASE_URL: api.baseUrl }
    const reasons: string[] = []
    for (let turn = 0; turn < 3; turn++) {
      const found = await requireOpenAiKey(env, turn === 2 ? { timeoutMs: 200 } : {})
      reasons.push(found.available ? '' : found.reason)
    }
    expect(reasons[0]).toContain('does not take the key in OPENAI_API_KEY (401)')
    expect(reasons[1]).toContain('answered 503')
    expect(reasons[2]).toContain("can't be reached")
  })
})

describe('withLlmRetry', () => {
  it('waits 2, 4 and 8 seconds for rate limits, broken connections and errors of the API', async () => {
    await using llm = await new MockOpenAIBuilder().chat
      .once(faults.rateLimit(), faults.cut(), faults.serverError(), 'at last')
      .start()
    const client = clientFor(llm, { maxRetries: 0 })
    const waits: number[] = []
    const notices: number[] = []
    const answer = await withLlmRetry(() => client.chat.completions.create(request), {
      sleep: async (ms) => waits.push(ms) > 0,
      onRetry: ({ attempt }) => notices.push(attempt),
    })
    expect(answer.choices[0]!.message.content).toBe('at last')
    expect(waits).toEqual([2000, 4000, 8000])
    expect(notices).toEqual([1, 2, 3])
  })

  it('gives up after the last wait, and when it is told to', async () => {
    await using llm = await new MockOpenAIBuilder().chat.times(5, faults.serverError()).start()
    const client = clientFor(llm, { maxRetries: 0 })
    const work = () => client.chat.completions.create(request)
    expect(await failure(withLlmRetry(work, { sleep: async () => true }))).toBeInstanceOf(OpenAI.InternalServerError)
    expect(llm.requests).toHaveLength(4)
    const signal = AbortSignal.abort()
    expect(await failure(withLlmRetry(work, { signal }))).toBeInstanceOf(OpenAI.InternalServerError)
    expect(llm.requests).toHaveLength(5)
  })

  it.each([faults.status(401), faults.status(400), faults.quota(), faults.serverError({ shouldRetry: false })])(
    'throws at once what will not pass (%#)',
    async (fault) => {
      await using llm = await new MockOpenAIBuilder().chat.once(fault).start()
      const client = clientFor(llm, { maxRetries: 0 })
      await failure(withLlmRetry(() => client.chat.completions.create(request), { sleep: async () => true }))
      expect(llm.requests).toHaveLength(1)
    },
  )

  it.each([
    [Object.assign(new Error('x'), { code: 'ECONNRESET' }), 2],
    [new TypeError('fetch failed'), 2],
    [new Error('x', { cause: Object.assign(new Error('y'), { status: 429 }) }), 2],
    [new TypeError('x is not a function'), 1],
    [Object.assign(new Error('x'), { status: 400, headers: { 'x-should-retry': 'true' } }), 2],
    ['text', 1],
  ])('knows what may pass: %s', async (error, attempts) => {
    let count = 0
    const work = async (): Promise<never> => {
      count++
      throw error
    }
    await expect(withLlmRetry(work, { delaysMs: [1] })).rejects.toBe(error)
    expect(count).toBe(attempts)
  })
})

describe('withTimeoutTier', () => {
  it('has tiers of 15, 30 and 60 seconds', () => {
    expect(timeoutTiers).toEqual({ quick: 15_000, standard: 30_000, long: 60_000 })
  })

  it('ends the request when the time is over, and its connection', async () => {
    await using llm = await new MockOpenAIBuilder().chat.once(faults.timeout()).start()
    const times: number[] = []
    const running = withTimeoutTier(
      'standard',
      (signal) => clientFor(llm, { maxRetries: 0 }).chat.completions.create(request, { signal }),
      {
        sleep: async (ms) => {
          times.push(ms)
          await expect.poll(() => llm.requests.length).toBe(1)
          return true
        },
      },
    )
    await expect(running).rejects.toThrow('No answer within 30 s (tier "standard").')
    expect(times).toEqual([30_000])
    await expect.poll(() => llm.requests[0]!.outcome).toBe('gone')
  })

  it('passes on what the work gives or throws', async () => {
    expect(await withTimeoutTier('quick', async () => 1)).toBe(1)
    const broken = withTimeoutTier('long', async () => {
      throw new Error('broken')
    })
    await expect(broken).rejects.toThrow('broken')
  })
})
