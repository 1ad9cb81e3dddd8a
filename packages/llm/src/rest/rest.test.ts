import { describe, expect, it } from 'vitest'

import { failure } from '../../test/client.ts'
import { faults } from '../faults/faults.ts'
import { MockApiBuilder } from './mock-api-builder.ts'

async function json(url: string, init: RequestInit = {}): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(url, init)
  const text = await response.text()
  return { status: response.status, body: text === '' ? '' : (JSON.parse(text) as unknown), headers: response.headers }
}

describe('a REST upstream', () => {
  it('answers by route, with parameters, in sequences, and keeps a log', async () => {
    await using api = await new MockApiBuilder()
      .get('/users/:id/')
      .always(({ params, query }) => ({ json: { ...params, ...query } }))
      .post('/orders')
      .once(faults.status(503, { retryAfter: 1 }), { status: 201, json: { id: 1 }, headers: { location: '/orders/1' } })
      .route('*', '/files/*')
      .always({ body: Uint8Array.from([0, 255]) })
      .put('/users/:id')
      .once({ status: 204 })
      .patch('/users/:id')
      .once({ match: { body: { name: 'x' }, headers: { 'x-tenant': 't' }, query: { dry: '1' } }, body: 'text' })
      .delete('/users/:id')
      .times(2, { json: null, delayMs: 5 })
      .start()
    const base = api.baseUrl
    expect(await json(`${base}/users/a%2Fb?x=1&y=2&y=3`)).toMatchObject({ body: { id: 'a/b', x: '1', y: ['2', '3'] } })
    const order = { method: 'POST', body: '{"sum":3}', headers: { authorization: 'Bearer x' } }
    expect((await json(`${base}/orders`, order)).headers.get('retry-after')).toBe('1')
    expect(await json(`${base}/orders`, order)).toMatchObject({ status: 201, body: { id: 1 } })
    expect([...new Uint8Array(await (await fetch(`${base}/files/a/b.bin`)).arrayBuffer())]).toEqual([0, 255])
    expect((await fetch(`${base}/users/7`, { method: 'PUT' })).status).toBe(204)
    const patch = { method: 'PATCH', body: '{"name":"x","more":1}', headers: { 'x-tenant': 't' } }
    expect(await (await fetch(`${base}/users/7?dry=1`, patch)).text()).toBe('text')
    for (let turn = 0; turn < 2; turn++)
      expect(await json(`${base}/users/7`, { method: 'DELETE' })).toMatchObject({ body: null })
    expect(api.requests[1]).toMatchObject({
      number: 2,
      method: 'POST',
      path: '/orders',
      body: { sum: 3 },
      headers: { authorization: '***' },
      status: 503,
      outcome: 'faulted',
    })
  })

  it('reports what nobody expected, with what was asked and what was meant', async () => {
    const api = await new MockApiBuilder()
      .post('/orders')
      .once({ match: { body: { sum: 3, list: [1] }, query: { q: '1' } }, json: {} })
      .start()
    const send = (path: string, init: RequestInit = {}) => json(`${api.baseUrl}${path}`, init)
    const wrong = await send('/orders?token=sk-secret-secret', {
      method: 'POST',
      body: '{"sum":4,"password":"hunter2hunter2"}',
    })
    expect(wrong.status).toBe(500)
    await send('/orders')
    await send('/elsewhere')
    const report = await failure(api.close())
    expect(report).toMatchObject({ code: 'KEPLOY_LLM_UNSCRIPTED' })
    expect(report.message).toContain(
      'query q is not there, not "1"; and sum: wanted 3, asked 4; and list: wanted [1], asked nothing.',
    )
    expect(report.message).toContain('POST /orders?token={{secret.')
    expect(report.message).not.toMatch(/hunter2|sk-secret/)
    expect(report.message).toContain('That path takes POST.\nGET /orders')
    expect(report.message).toContain('There are the routes POST /orders.\nGET /elsewhere')
    expect(report.message).toContain('Scripts that nothing asked for:\n  - POST /orders: {"body":')
  })

  it('breaks as it is told', async () => {
    await using api = await new MockApiBuilder()
      .get('/x')
      .once(faults.cut(), faults.malformedJson(), faults.delay({ ms: 5 }))
      .get('/x')
      .once(
        { json: { long: 'x'.repeat(100) }, fault: faults.endEarly() },
        { json: {}, fault: faults.cut({ afterChunks: 1 }) },
      )
      .start()
    await expect(fetch(`${api.baseUrl}/x`)).rejects.toThrow('fetch failed')
    await expect(json(`${api.baseUrl}/x`)).rejects.toThrow(SyntaxError)
    expect(await json(`${api.baseUrl}/x`)).toMatchObject({ status: 200, body: '' })
    await expect(json(`${api.baseUrl}/x`)).rejects.toThrow(SyntaxError)
    await expect(json(`${api.baseUrl}/x`)).rejects.toThrow('terminated')
  })

  it('is apart for each test', async () => {
    await using api = await new MockApiBuilder().get('/').always({ json: 'root' }).start()
    const names = ['a', 'b ü']
    const answers = await Promise.all(
      names.map(async (name) => {
        await using scope = api.scope(name)
        scope.get('/me').once({ json: name })
        expect(api.scope(name)).toBe(scope)
        return (await json(`${scope.baseUrl}/me`)).body
      }),
    )
    expect(answers).toEqual(names)
    expect((await json(api.baseUrl)).body).toBe('root')
    expect(await json(`${api.baseUrl}/t/a/me`)).toMatchObject({
      status: 500,
      body: { error: { code: 'KEPLOY_LLM_SCOPE' } },
    })
    expect(() => api.assertComplete()).toThrow('The scope "a" does not exist, or was closed.')
    expect(() => api.scope('')).toThrow(expect.objectContaining({ code: 'KEPLOY_LLM_OPTION' }))
  })

  it('says what is wrong with routes, steps, replies and requests', async () => {
    const builder = new MockApiBuilder({ strict: false, maxBodyBytes: 10 })
    const refusal = expect.objectContaining({ code: 'KEPLOY_LLM_OPTION' })
    expect(() => builder.get('users')).toThrow(refusal)
    expect(() => builder.get('/x').once({ content: 1 } as never)).toThrow(refusal)
    expect(() => builder.get('/x').once(['text'] as never)).toThrow(refusal)
    expect(() => builder.get('/x').once(faults.empty() as never)).toThrow(refusal)
    builder.get('/status').once({ status: 99 })
    builder.get('/throws').once(() => {
      throw new Error('no luck')
    })
    await using api = await builder.start()
    for (const path of ['/status', '/throws']) {
      expect(await json(`${api.baseUrl}${path}`)).toMatchObject({
        status: 500,
        body: { error: { code: 'KEPLOY_LLM_ANSWER' } },
      })
    }
    expect(api.problems[1]!.message).toContain('no luck')
    expect((await json(`${api.baseUrl}/x`, { method: 'POST', body: 'x'.repeat(11) })).status).toBe(413)
    expect((await json(`${api.baseUrl}/none`)).status).toBe(500)
  })
})
