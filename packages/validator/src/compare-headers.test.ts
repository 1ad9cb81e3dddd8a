import type { HeaderList } from '@keploy-framework/format'
import { BindingTable, createNoise, planBindings } from '@keploy-framework/match'
import { describe, expect, test } from 'vitest'

import { makeTest } from '../test/make-test.ts'
import { compareResponse } from './compare-response.ts'
import type { Comparison } from './compare-response.ts'

const hosts = { recorded: ['localhost:8000'], live: '127.0.0.1:9001' }

function compare(recorded: HeaderList, live: HeaderList, method = 'GET', noise: readonly string[] = []): Comparison {
  const it = makeTest({ name: 'it', method, responseHeaders: recorded })
  const bindings = new BindingTable(planBindings([it]))
  bindings.beginTest('it')
  const actual = { status: 200, statusMessage: '', headers: live, body: new Uint8Array() }
  return compareResponse(it, actual, {
    noise: createNoise({ test: new Map(noise.map((rule) => [rule, []])) }),
    bindings,
    hosts,
    options: {},
  })
}

function messages(recorded: HeaderList, live: HeaderList): string[] {
  return compare(recorded, live).failures.map(({ message }) => message)
}

describe('headers', () => {
  test('fail when missing, extra or changed, whatever the case of their names', () => {
    expect(
      messages(
        [
          ['X-A', '1'],
          ['X-B', '1'],
          ['x-c', '1'],
        ],
        [
          ['x-b', '2'],
          ['X-C', '1'],
          ['X-D', '1'],
        ],
      ),
    ).toEqual([
      'The header X-A is missing: expected "1".',
      'The header X-B is "2" where "1" was recorded.',
      'The header X-D was not recorded: got "1".',
    ])
  })

  test('of one connection or one moment are left out, and it is said', () => {
    const comparison = compare(
      [
        ['Date', 'a'],
        ['Connection', 'close'],
        ['Content-Length', '0'],
      ],
      [
        ['Via', 'x'],
        ['Transfer-Encoding', 'chunked'],
      ],
    )
    expect(comparison.passed).toBe(true)
    expect(comparison.rules.map(({ path, rule }) => `${path}: ${rule}`)).toEqual([
      'header.Date: connection header',
      'header.Connection: connection header',
      'header.Content-Length: content length follows the body',
      'header.Via: connection header',
      'header.Transfer-Encoding: connection header',
    ])
  })

  test('that trace a request must be there, with any value', () => {
    expect(compare([['X-Request-Id', '1']], [['X-Request-Id', '2']])).toMatchObject({
      passed: true,
      rules: [{ rule: 'volatile header' }],
    })
    expect(compare([['X-Request-Id', '1']], []).passed).toBe(false)
  })

  test('that have several values mean the same on one line or on several', () => {
    expect(
      compare(
        [['Vary', 'Accept, Origin']],
        [
          ['Vary', 'Accept'],
          ['Vary', 'Origin'],
        ],
      ).passed,
    ).toBe(true)
    expect(
      compare(
        [['Vary', 'Accept,Origin']],
        [
          ['Vary', 'Accept'],
          ['Vary', 'Origin'],
        ],
      ).passed,
    ).toBe(true)
    expect(
      compare(
        [['Vary', 'Accept']],
        [
          ['Vary', 'Accept'],
          ['Vary', 'Origin'],
        ],
      ).passed,
    ).toBe(false)
  })

  test('name the same media type however it is written', () => {
    const same = compare(
      [['Content-Type', 'text/html; charset=utf-8']],
      [['Content-Type', 'text/html;charset="UTF-8"']],
    )
    expect(same).toMatchObject({ passed: true, rules: [{ rule: 'same media type' }] })
    expect(compare([['Content-Type', 'text/html; charset=utf-8']], [['Content-Type', 'text/html']]).passed).toBe(false)
  })

  test('carry generated values, dates and entity tags', () => {
    const recorded = [
      ['Last-Modified', 'Tue, 28 Oct 2025 14:00:00 GMT'],
      ['ETag', 'W/"a1b2"'],
    ] as const
    expect(
      compare(recorded, [
        ['Last-Modified', 'Wed, 29 Oct 2025 14:00:00 GMT'],
        ['ETag', 'W/"c3d4"'],
      ]).passed,
    ).toBe(true)
    expect(
      messages(recorded, [
        ['Last-Modified', 'yesterday'],
        ['ETag', '"c3d4"'],
      ]),
    ).toEqual([
      'The header Last-Modified is "yesterday" where "Tue, 28 Oct 2025 14:00:00 GMT" was recorded: it is not a time written like the recorded one (http-date).',
      'The header ETag is "\\"c3d4\\"" where "W/\\"a1b2\\"" was recorded: it does not have the form of the recorded value (etag).',
    ])
  })

  test('of a HEAD answer tell the length, as no body does', () => {
    expect(compare([['Content-Length', '10']], [['Content-Length', '11']], 'HEAD').passed).toBe(false)
  })
})

describe('cookies', () => {
  const sid = 'sid=Zk3vQ9x2LmP8rT5wYb1N; Path=/; HttpOnly'

  test('are compared one by one, their generated values by form', () => {
    const comparison = compare(
      [
        ['Set-Cookie', sid],
        ['Set-Cookie', 'theme=dark'],
      ],
      [
        ['Set-Cookie', 'theme=dark'],
        ['Set-Cookie', sid.replace('Zk3v', 'Ab1c')],
      ],
    )
    expect(comparison.failures).toEqual([])
    expect(comparison.bound).toMatchObject([{ recorded: '(token)', live: '(token)', form: 'token' }])
  })

  test('fail when a value, a cookie or an attribute differs, and show no value', () => {
    expect(
      messages(
        [
          ['Set-Cookie', sid],
          ['Set-Cookie', 'theme=dark; Secure; SameSite=Lax'],
        ],
        [
          ['Set-Cookie', 'theme=light; SameSite=None'],
          ['Set-Cookie', 'new=1'],
        ],
      ),
    ).toEqual([
      'The cookie sid is not set any more.',
      'The cookie theme has another value than recorded.',
      'The attribute secure of cookie theme is missing where "" was recorded.',
      'The attribute samesite of cookie theme is "None" where "Lax" was recorded.',
      'The cookie new was not set in the recording.',
    ])
  })

  test('may expire at another time, and not be deleted instead', () => {
    const at = (date: string): HeaderList => [['Set-Cookie', `a=b; Expires=${date}; Domain=localhost:8000`]]
    const live = (date: string): HeaderList => [['Set-Cookie', `a=b; expires=${date}; domain=127.0.0.1:9001`]]
    const recorded = at('Tue, 28 Oct 2025 14:00:00 GMT')
    expect(compare(recorded, live('Wed, 29 Oct 2025 14:00:00 GMT')).rules).toContainEqual({
      path: 'header.Set-Cookie.a.expires',
      rule: 'form: http-date',
    })
    expect(compare(recorded, live('Thu, 01 Jan 1970 00:00:00 GMT')).passed).toBe(false)
  })

  test('that were joined by commas are told apart', () => {
    expect(
      compare(
        [['Set-Cookie', 'a=1; Expires=Tue, 28 Oct 2025 14:00:00 GMT; Path=/,b=2']],
        [
          ['Set-Cookie', 'a=1; Path=/; Expires=Tue, 28 Oct 2025 14:00:00 GMT'],
          ['Set-Cookie', 'b=2'],
        ],
      ).passed,
    ).toBe(true)
  })

  test('are covered by noise on Set-Cookie', () => {
    expect(compare([['Set-Cookie', 'a=1']], [['Set-Cookie', 'a=2']], 'GET', ['header.Set-Cookie']).passed).toBe(true)
  })
})
