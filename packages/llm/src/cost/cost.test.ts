import { describe, expect, it } from 'vitest'

import { clientFor, collect, failure, user } from '../../test/client.ts'
import { faults } from '../faults/faults.ts'
import { MockOpenAIBuilder } from '../mock-openai-builder.ts'
import { createLlmProxy } from '../proxy/create-llm-proxy.ts'
import { Budget, worstCase } from './budget.ts'
import { calculateTokenCost, readUsage, usageCost } from './calculate.ts'
import { monthlyAlert } from './format-cost.ts'
import { costDefaults, defaultPrices, findPrice, withPrices } from './prices.ts'

describe('the price of tokens', () => {
  it.each([
    ['gpt-4', 'input', 0.03],
    ['gpt-4', 'output', 0.06],
    ['gpt-4o', 'input', 0.0025],
    ['gpt-4o', 'output', 0.01],
    ['gpt-4o', 'cached', 0.00125],
    ['gpt-4o-2024-08-06', 'input', 0.0025],
    ['gpt-4o-2024-05-13', 'input', 0.005],
  ] as const)('is, for 1000 of %s %s, %d', (model, kind, usd) => {
    expect(calculateTokenCost(1000, model, { kind })).toBe(usd)
  })

  it('is 0.03 for 1000 tokens of gpt-4', () => {
    expect(calculateTokenCost(1000, 'gpt-4')).toBe(0.03)
  })

  it('is unknown, never 0, for what has no price', () => {
    for (const model of ['gpt-9', 'ft:gpt-4o:mine', 'constructor', '__proto__']) {
      expect(calculateTokenCost(1000, model)).toBeUndefined()
    }
    expect(findPrice('gpt-4o', 'priority', defaultPrices)).toBeUndefined()
  })

  it('comes from the table of the user first', () => {
    const prices = {
      asOf: '2026-06-01',
      models: { 'gpt-9': { input: 1, output: 2, tiers: { flex: { input: 0.5, output: 1 } } } },
    }
    expect(calculateTokenCost(1000, 'gpt-9', { prices })).toBe(1)
    expect(calculateTokenCost(1000, 'gpt-4', { prices })).toBe(0.03)
    const usage = { input: 1000, output: 1000, cached: 0, reasoning: 0 }
    expect(usageCost(usage, 'gpt-9', 'flex', withPrices(prices))).toBe(1.5)
    expect(withPrices(prices).asOf).toBe('2026-06-01')
  })

  it('counts cached and reasoning tokens once', () => {
    const usage = { input: 1000, output: 1000, cached: 400, reasoning: 900 }
    expect(usageCost(usage, 'gpt-4o', 'default', defaultPrices)).toBe(0.0015 + 0.0005 + 0.01)
    expect(usageCost({ ...usage, cached: 5000 }, 'gpt-4o', undefined, defaultPrices)).toBe(0.01125)
  })

  it('reads the usage of either API', () => {
    expect(readUsage({ usage: { prompt_tokens: 5, total_tokens: 5 } })).toEqual({
      input: 5,
      output: 0,
      cached: 0,
      reasoning: 0,
    })
    expect(
      readUsage({
        usage: {
          input_tokens: 5,
          output_tokens: 3,
          input_tokens_details: { cached_tokens: 2 },
          output_tokens_details: { reasoning_tokens: 1 },
        },
      }),
    ).toEqual({ input: 5, output: 3, cached: 2, reasoning: 1 })
    expect([readUsage({}), readUsage(null), readUsage({ usage: { prompt_tokens: 'x' } })]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('has a date and a source, and a figure for alerts', () => {
    expect(defaultPrices.asOf).toMatch(/^\d{4}-\d\d-\d\d$/)
    expect(costDefaults).toEqual({ monthlyAlertUsd: 300, cheapModel: 'gpt-4o-mini' })
    expect(monthlyAlert(299.99)).toEqual({ alert: false, message: '299.99 USD of 300.00 USD this month.' })
    expect(monthlyAlert(12, 10)).toMatchObject({ alert: true })
  })
})

describe('costs of tests and of the run', () => {
  it('are kept apart and added up, and models without a price are named', async () => {
    await using llm = await new MockOpenAIBuilder().start()
    const usage = { prompt: 1000, completion: 1000 }
    const [a, b] = [llm.scope('a'), llm.scope('b | c')]
    a.chat.times(2, { reply: { content: 'x', usage } })
    b.chat.once({ reply: { content: 'x', usage } }).chat.once({ reply: { content: 'x', usage, serviceTier: 'flex' } })
    const ask = (scope: typeof a, model: string) =>
      clientFor(scope).chat.completions.create({ model, messages: [user('x')] })
    await Promise.all([ask(a, 'gpt-4'), ask(a, 'gpt-4'), ask(b, 'gpt-9')])
    await ask(b, 'gpt-4o')
    expect(a.cost).toMatchObject({ usd: 0.18, calls: 2, unpriced: [] })
    expect(b.cost).toMatchObject({ usd: 0, unpriced: ['gpt-9', 'gpt-4o (flex)'] })
    expect(llm.cost).toMatchObject({ usd: 0.18, spentUsd: 0, calls: 4 })
    await a.close()
    expect(llm.costReport()).toBe(
      [
        '| test | calls | by price table | really spent | |',
        '| --- | ---: | ---: | ---: | --- |',
        '| a | 2 | 0.18 USD | 0.00 USD |  |',
        '| b / c | 2 | 0.00 USD | 0.00 USD | unpriced: gpt-9, gpt-4o (flex) |',
        '| **run** | 4 | 0.18 USD | 0.00 USD | unpriced: gpt-9, gpt-4o (flex) |',
        '',
        `Prices of ${defaultPrices.asOf} (${defaultPrices.source}).`,
        '',
      ].join('\n'),
    )
  })

  it('are reported when a server that spends money closes', async () => {
    await using real = await new MockOpenAIBuilder().chat.once('x').start()
    const reports: string[] = []
    const llm = await createLlmProxy({ mode: 'live', upstream: real.baseUrl, onReport: (text) => reports.push(text) })
    await clientFor(llm).chat.completions.create({ model: 'gpt-4o', messages: [user('Hi')] })
    await llm.close()
    expect(reports).toEqual([expect.stringContaining('| **run** | 1 | ')])
  })
})

describe('the budget', () => {
  const request = { model: 'gpt-4o', messages: [user('Hi')], max_completion_tokens: 1000 }

  it('refuses before anything is sent, also when many requests run at once', async () => {
    await using real = await new MockOpenAIBuilder().chat
      .always({
        reply: { content: 'x', usage: { prompt: 10, completion: 1000 }, headers: {} },
        fault: faults.delay({ ms: 20 }),
      })
      .start()
    const llm = await createLlmProxy({
      mode: 'live',
      upstream: real.baseUrl,
      budgetUsd: 0.035,
      onReport: () => undefined,
    })
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => clientFor(llm).chat.completions.create(request)),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect(real.requests).toHaveLength(3)
    expect(llm.cost.spentUsd).toBeLessThanOrEqual(0.035)
    const refused = results.find((result) => result.status === 'rejected')!
    expect(refused.reason).toMatchObject({ status: 402, code: 'KEPLOY_LLM_BUDGET' })
    expect(llm.requests.filter(({ outcome }) => outcome === 'refused')).toHaveLength(7)
    await expect(llm.close()).rejects.toThrow('The budget of 0.04 USD does not allow this request')
  })

  it('gives back what a request did not need, and what a refused one did not cost', async () => {
    await using real = await new MockOpenAIBuilder().chat
      .once(faults.serverError({ retryAfterMs: 1 }), faults.rateLimit({ retryAfterMs: 1 }))
      .chat.times(3, { reply: { content: 'x', usage: { prompt: 10, completion: 10 } } })
      .start()
    await using llm = await createLlmProxy({
      mode: 'live',
      upstream: real.baseUrl,
      budgetUsd: 0.012,
      onReport: () => undefined,
    })
    for (let turn = 0; turn < 3; turn++) await clientFor(llm).chat.completions.create(request)
    expect(llm.cost.spentUsd).toBeCloseTo(3 * 0.000125, 12)
  })

  it.each([2, 0])('counts the worst case for an answer that broke off after %i chunks', async (afterChunks) => {
    await using real = await new MockOpenAIBuilder().chat.once(faults.cut({ afterChunks })).start()
    await using llm = await createLlmProxy({
      mode: 'live',
      upstream: real.baseUrl,
      budgetUsd: 0.015,
      strict: false,
      onReport: () => undefined,
    })
    const client = clientFor(llm, { maxRetries: 0 })
    const broken = async (): Promise<unknown[]> =>
      collect(await client.chat.completions.create({ ...request, stream: true }))
    await failure(broken())
    expect(await failure(client.chat.completions.create(request))).toMatchObject({ code: 'KEPLOY_LLM_BUDGET' })
    expect(llm.cost.unpriced).toEqual(['gpt-4o (no usage reported)'])
  })

  it('gives everything back when there was no connection', async () => {
    await using llm = await createLlmProxy({
      mode: 'live',
      upstream: 'http://127.0.0.1:1/v1',
      budgetUsd: 0.011,
      onReport: () => undefined,
    })
    const error = await failure(clientFor(llm, { maxRetries: 1 }).chat.completions.create(request))
    expect(error).toMatchObject({ code: 'KEPLOY_LLM_UPSTREAM' })
  })

  it('refuses what it cannot price', async () => {
    await using real = await new MockOpenAIBuilder().start()
    await using llm = await createLlmProxy({
      mode: 'live',
      upstream: real.baseUrl,
      budgetUsd: 10,
      strict: false,
      onReport: () => undefined,
    })
    const client = clientFor(llm)
    const unknown = await failure(client.chat.completions.create({ ...request, model: 'gpt-9' }))
    expect(unknown.message).toContain('The price of gpt-9 is not known')
    const image = await failure(client.images.generate({ model: 'dall-e-3', prompt: 'x' }))
    expect(image).toMatchObject({ code: 'KEPLOY_LLM_UNPRICED' })
    expect((await client.models.list()).data.length).toBeGreaterThan(0)
    expect(real.requests.map(({ endpoint }) => endpoint)).toEqual(['models'])
  })

  it('does not refuse what costs nothing', async () => {
    await using llm = await createLlmProxy({ mode: 'mock', budgetUsd: 0 })
    llm.chat.once('free')
    expect((await clientFor(llm).chat.completions.create(request)).choices).toHaveLength(1)
  })

  it('takes as worst what the request allows, or what the model can', () => {
    const worst = (body: object) => worstCase({ model: 'gpt-4o', ...body }, 1000, defaultPrices)
    expect(worst({ max_completion_tokens: 100 })).toBe(0.0035)
    expect(worst({ max_tokens: 100, n: 3 })).toBe(0.0055)
    expect(worst({ max_output_tokens: 0 })).toBe(0.0025)
    expect(worst({})).toBe(0.16634)
    const picture = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'x' } }] }]
    expect(worst({ max_tokens: 0, messages: picture })).toBe(0.1275)
    expect(worst({ max_output_tokens: 0, previous_response_id: 'resp_1' })).toBeGreaterThan(2)
  })

  it('settles each request once', () => {
    const budget = new Budget(1)
    const reservation = budget.reserve(0.6)
    expect(() => budget.reserve(0.6)).toThrow(expect.objectContaining({ code: 'KEPLOY_LLM_BUDGET' }))
    reservation.settle(0.1)
    reservation.settle(0.5)
    expect(budget.spentUsd).toBe(0.1)
    budget.reserve(0.9).settle(undefined)
    expect(budget.spentUsd).toBe(1)
  })
})
