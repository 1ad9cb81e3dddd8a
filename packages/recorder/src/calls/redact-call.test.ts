import type { Call, Value } from '@keploy-framework/format'
import { createRedactor } from '@keploy-framework/redact'
import { describe, expect, it } from 'vitest'

import { redactCall } from './redact-call.ts'

function call(request: Value, response: Value): Call {
  return {
    protocol: 'postgres',
    id: 1,
    connection: 1,
    dependency: 'postgres db:5432',
    operation: 'SELECT',
    request,
    response,
    lifetime: 'test',
    state: 'complete',
    startedAt: 0,
    endedAt: 1,
  }
}

describe('a call without its secrets', () => {
  it('knows what stands in a column by its name', () => {
    const { value, unsafe } = redactCall(
      createRedactor(),
      call(
        { sql: 'SELECT * FROM users', params: ['ada'] },
        {
          columns: [{ name: 'name' }, { name: 'password' }],
          rows: [
            ['ada', 'correct horse battery'],
            ['bob', null],
          ],
        },
      ),
    )
    expect(unsafe).toBe(false)
    expect(value.request).toEqual({ sql: 'SELECT * FROM users', params: ['ada'] })
    expect(value.response).toEqual({
      columns: [{ name: 'name' }, { name: 'password' }],
      rows: [
        ['ada', '{{secret.1}}'],
        ['bob', null],
      ],
    })
  })

  it('cleans header lines and targets, and finds what was seen before', () => {
    const redactor = createRedactor()
    const first = redactCall(
      redactor,
      call(
        { target: '/v1?api_key=sk-live-1234567890abcdef', headers: [['Authorization', 'Bearer tok-8f3a9c1d7e5b2f46']] },
        null,
      ),
    ).value
    expect(JSON.stringify(first.request)).not.toMatch(/1234567890abcdef|8f3a9c1d7e5b2f46/)
    const second = redactCall(redactor, call({ args: ['tok-8f3a9c1d7e5b2f46'] }, { text: 'no secret' })).value
    expect(JSON.stringify(second.request)).not.toContain('8f3a9c1d7e5b2f46')
    expect(second.response).toEqual({ text: 'no secret' })
  })

  it('gives back the same call when there is nothing to clean', () => {
    const plain = call({ args: ['a', new Uint8Array([1, 2, 255])] }, { ok: true })
    expect(redactCall(createRedactor(), plain).value).toBe(plain)
  })

  it('keeps bytes apart by where they stand', () => {
    const tree = {
      a: new Uint8Array([200, 1]),
      list: [new Uint8Array([201, 2]), 'x'],
      password: 'correct horse battery',
    }
    const { value } = redactCall(createRedactor(), call(tree, null))
    expect(value.request).toEqual({ ...tree, password: '{{secret.1}}' })
  })
})
