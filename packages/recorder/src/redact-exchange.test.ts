import { gzipSync } from 'node:zlib'

import type { HttpExchange, StreamItem } from '@keploy-framework/format'
import { createRedactor } from '@keploy-framework/redact'
import { describe, expect, it } from 'vitest'

import { redactExchange, redactPart } from './redact-exchange.ts'
import { sweepExchange } from './sweep.ts'

const secret = 'Zx9-distinct-key'
const bytes = (text: string, encoding: BufferEncoding = 'utf8') => new Uint8Array(Buffer.from(text, encoding))
const empty = { bytes: bytes(''), wireSize: 0 }

function exchange(
  change: { items?: StreamItem[]; body?: Uint8Array; type?: string; reason?: string } = {},
): HttpExchange {
  const body = { bytes: change.body ?? bytes(''), wireSize: 5 }
  return {
    protocol: 'http',
    id: 3,
    connection: 1,
    state: 'complete',
    request: {
      method: 'GET',
      target: '/a?token=abc123',
      version: '1.1',
      headers: [['X-Api-Key', secret]],
      trailers: [['X-Trace-Token', 'trail-1']],
      body: empty,
      startedAt: 1,
      endedAt: 1,
    },
    response: {
      status: 200,
      reason: change.reason ?? '',
      version: '1.1',
      headers: [['Content-Type', change.type ?? 'text/plain']],
      trailers: [['Set-Cookie', 'a=late1']],
      body,
      startedAt: 2,
      endedAt: 3,
      interim: [{ status: 103, headers: [['Set-Cookie', 'b=early1']] }],
    },
    ...(change.items && { stream: { kind: 'websocket', items: change.items } }),
  }
}

describe('an exchange', () => {
  it('is redacted in every place that can hold a secret', () => {
    const { value, notes } = redactExchange(
      createRedactor(),
      exchange({ reason: `OK ${secret}`, body: bytes(`is ${secret}`) }),
    )
    const text = JSON.stringify(value)
    expect(text).not.toMatch(/abc123|trail-1|late1|early1|Zx9/)
    expect(Buffer.from(value.response?.body.bytes ?? []).toString()).toMatch(/^is \{\{secret\.\d\}\}$/)
    expect(notes).toBeUndefined()
  })

  it('passes as it is when redaction is off', () => {
    const one = exchange()
    const redactor = createRedactor({ enabled: false })
    expect(redactExchange(redactor, one).value).toBe(one)
    expect(sweepExchange(redactor, one).value).toBe(one)
    const part = { type: 'request', request: one.request } as const
    expect(redactPart(redactor, part, 1).value).toBe(part)
  })

  it('loses a body that may hold a secret, with its digest', () => {
    const body = bytes(`\0\u00ff${secret}`, 'latin1')
    const { value } = redactExchange(createRedactor(), exchange({ body, type: 'application/octet-stream' }))
    expect(value.response?.body).toEqual({
      bytes: bytes(''),
      wireSize: 5,
      omitted: { reason: 'redaction', sha256: '', size: body.length },
    })
  })

  it('loses the piece that is left of a body that was cut', () => {
    const one = exchange()
    const body = {
      bytes: bytes('half a sec'),
      wireSize: 9,
      omitted: { reason: 'limit', sha256: 'f', size: 9 },
    } as const
    const { value } = redactExchange(createRedactor(), { ...one, request: { ...one.request, body } })
    expect(value.request.body).toEqual({ ...body, bytes: bytes('') })
  })
})

describe('the items of a stream', () => {
  const item = (data: StreamItem['data'], from: StreamItem['from'] = 'server'): StreamItem => ({ at: 1, from, data })

  it('are redacted one by one, field by field', () => {
    const items = [
      item({ type: 'sse', event: secret, data: `{"password":"p-1"}`, id: '7', comment: secret }),
      item({ type: 'ndjson', line: `{"token":"t-1"}` }),
      item({ type: 'text', text: `say ${secret}` }, 'client'),
      item({ type: 'close', code: 1000, reason: secret }),
      item({ type: 'close', code: 1000 }),
      item({ type: 'ping', bytes: bytes('') }),
      item({ type: 'binary', bytes: bytes('\0\u00ff', 'latin1') }),
      item({ type: 'text', text: '' }),
    ]
    const { value, notes } = redactExchange(createRedactor(), exchange({ items }))
    expect(JSON.stringify(value.stream)).not.toMatch(/Zx9|p-1|t-1/)
    expect(value.stream?.items[4]).toBe(items[4])
    expect(value.stream?.items[6]).toEqual(items[6])
    expect(notes).toBeUndefined()
  })

  it('make the exchange unsafe when their bytes may hold a secret', () => {
    const redactor = createRedactor()
    const items = [item({ type: 'binary', bytes: bytes(`\0\u00ff${secret}`, 'latin1') })]
    const { value, notes } = redactExchange(redactor, exchange({ items }))
    expect(value.stream?.items[0]?.data).toEqual({ type: 'binary', bytes: bytes('') })
    expect(notes).toEqual({ unsafe: true })
    expect(redactPart(redactor, { type: 'items', kind: 'websocket', items }, 3).notes).toEqual({ unsafe: true })
  })
})

describe('parts', () => {
  it('are redacted like the whole', () => {
    const redactor = createRedactor()
    const { request, response } = exchange()
    if (!response) throw new Error('the sketch has a response')
    expect(JSON.stringify(redactPart(redactor, { type: 'request', request }, 3).value)).not.toMatch(/Zx9|abc123/)
    expect(JSON.stringify(redactPart(redactor, { type: 'response-head', response }, 3).value)).not.toContain('early1')
  })
})

describe('the second look', () => {
  it('replaces what was not known for a secret before, and withholds bytes that cannot be rewritten', () => {
    const redactor = createRedactor()
    redactor.headers([['X-Api-Key', secret]], 'request')
    const text = sweepExchange(redactor, exchange({ body: bytes(`was ${secret}`) })).value
    expect(Buffer.from(text.response?.body.bytes ?? []).toString()).toBe('was {{secret.1}}')
    expect(text.request.headers[0]?.[1]).toBe('{{secret.1}}')
    const binary = sweepExchange(redactor, exchange({ body: bytes(`\u00ff${secret}`, 'latin1') })).value
    expect(binary.response?.body.omitted?.reason).toBe('redaction')
    const clean = bytes('nothing')
    expect(sweepExchange(redactor, exchange({ body: clean })).value.response?.body.bytes).toBe(clean)
    const packed = new Uint8Array(gzipSync(`a.txt\0${secret}`))
    const swept = sweepExchange(redactor, exchange({ body: packed })).value
    expect(swept.response?.body).toMatchObject({ omitted: { reason: 'redaction' } })
    expect(swept.response?.body.bytes).toHaveLength(0)
    const harmless = new Uint8Array(gzipSync('a.txt\0nothing'))
    expect(sweepExchange(redactor, exchange({ body: harmless })).value.response?.body.bytes).toBe(harmless)
  })
})
