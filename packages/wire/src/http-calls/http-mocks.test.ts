import type { CallContent, Value } from '@keploy-framework/format'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { httpProtocol } from './http-protocol.ts'

describe('documents of HTTP calls', () => {
  it('are those of Keploy for calls with credentials too, whose places are kept', () => {
    const call: CallContent = {
      protocol: 'http',
      operation: 'GET',
      request: {
        method: 'GET',
        host: 'api.example.com',
        target: '/',
        headers: {
          Authorization: 'Bearer {{secret.1}}',
          Cookie: 's={{secret.2}}; t={{secret.3}}',
          'X-Api-Key': '{{secret.4}}',
        },
      },
      response: { status: 200, reason: 'OK', version: '1.1', headers: { A: 'b' } },
      lifetime: 'test',
    }
    const spec = httpProtocol.mocks.encode(call)
    expect(spec.kind).toBe('Http')
    expect(httpProtocol.mocks.decode({ ...spec, lifetime: 'test' })).toEqual({ calls: [call] })
    const foreign = httpProtocol.mocks.decode({
      kind: 'Http',
      spec: {
        req: { method: 'GET', url: '/', header: { Authorization: 'Bearer {{secret.1}}x' } },
        resp: { status_code: 200 },
      },
      lifetime: 'test',
    })
    expect(JSON.stringify(foreign)).toContain('"Bearer [credential]"')
  })

  const decode = (spec: Record<string, Value>, metadata: Record<string, string> = {}): CallContent => {
    const found = httpProtocol.mocks.decode({ kind: 'Http', spec: spec as never, metadata, lifetime: 'test' })
    if ('problem' in found) throw new Error(found.problem)
    return found.calls[0] as CallContent
  }

  it('reads what Keploy writes: paths alone, forms decoded, events with times', () => {
    const form = decode({
      req: {
        method: 'POST',
        url: '/f',
        header: { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': '7' },
        body: 'q=a/b',
      },
      resp: {
        status_code: 200,
        header: { 'Content-Type': 'text/event-stream' },
        body: [{ ts: '2026-01-01T00:00:01.5Z', data: { data: 'x' } }],
      },
      reqTimestampMock: '2026-01-01T00:00:01Z',
    })
    expect(form.request).toMatchObject({ method: 'POST', host: '', target: '/f', body: 'q=a%2Fb' })
    expect(form.response).toMatchObject({ status: 200, stream: { kind: 'sse', items: [{ atMs: 500, data: 'x' }] } })
    const old = decode({ req: { url: 'https://a.test/u' }, resp: { status_code: 204 } })
    expect(old).toMatchObject({ operation: 'GET', request: { host: 'a.test', target: '/u' } })
  })

  it('reports what is no call', () => {
    for (const spec of [{}, { req: {}, resp: {} }, { req: { method: 'GET' }, resp: { status_code: 'many' } }]) {
      expect(httpProtocol.mocks.decode({ kind: 'Http', spec, lifetime: 'test' })).toHaveProperty('problem')
    }
  })

  it('come back as the call that was written', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom('é\n', '日本 #', '- a: 1', 'null', '1.0', '\u0000', '\ud83d\ude00'),
    )
    const line = fc.stringMatching(/^[!-~]([ -~]{0,10}[!-~])?$/)
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,8}$/)
    const headers = fc
      .uniqueArray(fc.tuple(name, line), { selector: ([one]) => one.toLowerCase(), maxLength: 4 })
      .map((all) => Object.fromEntries(all))
    const body = fc.option(fc.oneof(text, fc.uint8Array({ minLength: 1, maxLength: 20 })), { nil: undefined })
    const items = fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 9999 }), data: text }), { maxLength: 3 })
    const call = fc
      .record({
        headers,
        answered: headers,
        body,
        response: body,
        items,
        status: fc.integer({ min: 200, max: 599 }),
        target: fc.stringMatching(/^[a-z0-9/?&=%.~-]{0,15}$/),
        streamed: fc.boolean(),
      })
      .map((one): CallContent => ({
        protocol: 'http',
        operation: 'PUT',
        request: {
          method: 'PUT',
          host: 'a.test',
          target: `/${one.target}`,
          headers: one.headers,
          ...(one.body !== undefined && { body: one.body }),
        },
        response: {
          status: one.status,
          reason: 'R',
          version: '1.1',
          headers: one.answered,
          ...(one.streamed
            ? { stream: { kind: 'sse', items: one.items } }
            : one.response !== undefined && { body: one.response }),
        },
        lifetime: 'test',
      }))
    fc.assert(
      fc.property(call, (one) => {
        const back = httpProtocol.mocks.decode({ ...httpProtocol.mocks.encode(one), lifetime: 'test' })
        expect(back).toEqual({ calls: [one] })
      }),
      { numRuns: 400 },
    )
  })
})
