import type { HeaderList, StreamItem } from '@keploy-framework/format'
import { BindingTable, createNoise, planBindings } from '@keploy-framework/match'
import { describe, expect, test } from 'vitest'

import { makeTest } from '../test/make-test.ts'
import type { Sketch } from '../test/make-test.ts'
import { answerOf } from '../test/replay.ts'
import { compareResponse } from './compare-response.ts'
import type { ActualResponse, CompareOptions, Comparison } from './compare-response.ts'

interface Trial extends Partial<Sketch> {
  readonly noise?: Readonly<Record<string, readonly string[]>>
  readonly options?: CompareOptions
  readonly live?: Partial<ActualResponse> & { readonly json?: unknown; readonly text?: string }
}

const hosts = { recorded: ['localhost:8000', 'localhost'], live: '127.0.0.1:9001' }

function compare({ noise = {}, options = {}, live = {}, ...sketch }: Trial): Comparison {
  const recorded = makeTest({
    name: 'it',
    ...sketch,
    assertions: { ...sketch.assertions, noise: new Map(Object.entries(noise)) },
  })
  const { json, text, ...rest } = live
  const body = text ?? (json === undefined ? undefined : JSON.stringify(json))
  const actual = { ...answerOf(recorded), ...rest, ...(body === undefined ? {} : { body: Buffer.from(body) }) }
  const bindings = new BindingTable(planBindings([recorded]))
  bindings.beginTest('it')
  return compareResponse(recorded, actual, {
    noise: createNoise({ test: recorded.assertions.noise }),
    bindings,
    hosts,
    options,
  })
}

function messages(trial: Trial): string[] {
  return compare(trial).failures.map(({ message }) => message)
}

function typed(type: string): HeaderList {
  return [['Content-Type', type]]
}

describe('status and body kinds', () => {
  test('an equal response passes without a rule', () => {
    expect(compare({ responseBody: { a: 1 } })).toEqual({ passed: true, failures: [], bound: [], rules: [] })
  })

  test('a secret that the answer shows is named as one, and not told', () => {
    const { rules, bound } = compare({ responseBody: { token: '{{secret.2}}' }, live: { json: { token: 's3cr3t' } } })
    expect(rules).toEqual([{ path: 'body.token', rule: 'form: secret' }])
    expect(JSON.stringify(bound)).not.toContain('s3cr3t')
  })

  test('a service may show its recorded address, as it has it from its settings, or its live one, and no other', () => {
    const url = (host: string, id: string): string => `http://${host}/notes/${id}`
    const [recorded, other] = ['5f0c3f4e-8a35-4f0f-9f7d-0a5b3c1d2e3f', '0b1c2d3e-4f50-4a6b-8c7d-9e0f1a2b3c4d']
    const passes = (live: string): boolean =>
      compare({ responseBody: { url: url('localhost:8000', recorded) }, live: { json: { url: live } } }).passed
    expect(passes(url('localhost:8000', recorded))).toBe(true)
    expect(passes(url('localhost:8000', other))).toBe(true)
    expect(passes(url('127.0.0.1:9001', other))).toBe(true)
    expect(passes(url('127.0.0.1:9002', other))).toBe(false)
    expect(passes(url('localhost:8000', 'x'))).toBe(false)
  })

  test('another status fails', () => {
    expect(compare({ status: 204, live: { status: 404 } }).failures).toEqual([
      { kind: 'status', path: 'status', expected: 204, actual: 404, message: 'Expected status 204, got 404.' },
    ])
  })

  test('HTML in place of JSON fails, in header and body', () => {
    const live = { text: '<h1>Oops</h1>', headers: typed('text/html') }
    expect(messages({ responseBody: { a: 1 }, live })).toEqual([
      'The body is not JSON (unexpected "<" at offset 0; text/html) where JSON was recorded.',
      'The header Content-Type is "text/html" where "application/json" was recorded.',
    ])
  })

  test('an empty body in place of JSON fails, and so does one where none was recorded', () => {
    expect(messages({ responseBody: { a: 1 }, live: { text: '' } })).toEqual([
      'The body is empty where JSON was recorded.',
    ])
    expect(messages({ live: { text: 'x' } })).toEqual(['The body has 1 bytes where none were recorded.'])
  })

  test('a recorded body that only claims to be JSON is compared as text', () => {
    expect(messages({ responseBody: '{broken', live: { text: '{broken!' } })).toEqual([
      'Line 1 is "{broken!" where "{broken" was recorded.',
    ])
  })
})

describe('JSON', () => {
  test('ignores the order of keys and white space', () => {
    expect(compare({ responseBody: '{"a":1,"b":[1,2]}', live: { text: '{ "b": [1, 2], "a": 1 }' } }).passed).toBe(true)
  })

  test('tells values, types, missing and extra fields apart', () => {
    const responseBody = { a: 1, b: 'x', c: null, d: { e: true }, f: [1], g: 'y' }
    const json = { a: 2, b: 7, c: {}, d: { e: false }, f: 'no', h: 1 }
    expect(messages({ responseBody, live: { json } })).toEqual([
      'body.a is 2 where 1 was recorded.',
      'body.b is a number (7) where a string ("x") was recorded.',
      'body.c is an object ({}) where null (null) was recorded.',
      'body.d.e is false where true was recorded.',
      'body.f is a string ("no") where an array ([1]) was recorded.',
      'body.g is missing: expected "y".',
      'body.h was not recorded: got 1.',
    ])
  })

  test('compares numbers exactly', () => {
    expect(messages({ responseBody: '{"id":9007199254740993}', live: { text: '{"id":9007199254740992}' } })).toEqual([
      'body.id is 9007199254740992 where 9007199254740993 was recorded.',
    ])
    expect(compare({ responseBody: '[1.0, 9007199254740993.0]', live: { text: '[1, 9007199254740993]' } }).passed).toBe(
      true,
    )
    expect(
      compare({ responseBody: '[0.10000000000000000001]', live: { text: '["0.10000000000000000001"]' } }).passed,
    ).toBe(false)
  })

  test('takes __proto__, constructor and toString for keys like any other', () => {
    expect(
      messages({ responseBody: '{"__proto__":{"a":1},"toString":1}', live: { text: '{"constructor":2}' } }),
    ).toEqual([
      'body.__proto__ is missing: expected {"a":1}.',
      'body.toString is missing: expected 1.',
      'body.constructor was not recorded: got 2.',
    ])
    expect(
      compare({ responseBody: '{"__proto__":{"a":1}}', live: { text: '{"__proto__":{"a":2}}' } }).failures[0]?.path,
    ).toBe('body.__proto__.a')
  })

  test('reports an inserted or removed element as one failure', () => {
    const items = Array.from({ length: 20 }, (_, index) => ({ n: `thing ${index}`, size: index % 3 }))
    const json = { items: items.toSpliced(7, 0, { n: 'new', size: 1 }) }
    expect(messages({ responseBody: { items }, live: { json } })).toEqual([
      'body.items[7] was added: got {"n":"new","size":1}.',
    ])
    expect(messages({ responseBody: json, live: { json: { items } } })).toEqual([
      'body.items[7] is missing: expected {"n":"new","size":1}.',
    ])
  })

  test('reports an element that moved in a list of the same length as one missing and one added', () => {
    const items = ['a', 'b', 'c', 'd', 'e', 'f']
    expect(messages({ responseBody: items, live: { json: ['b', 'c', 'd', 'e', 'f', 'a'] } })).toEqual([
      'body[0] is missing: expected "a".',
      'body[5] was added: got "a".',
    ])
  })

  test('reports a changed element by its field, beside inserted ones', () => {
    const items = Array.from({ length: 8 }, (_, index) => ({ id: `i${index}`, name: `n${index}`, size: index }))
    const live = items
      .map((item) => (item.id === 'i4' ? { ...item, size: 99 } : item))
      .toSpliced(2, 0, { id: 'i99', name: 'x', size: 0 })
    expect(messages({ responseBody: items, live: { json: live } })).toEqual([
      'body[2] was added: got {"id":"i99","name":"x","size":0}.',
      'body[4].size is 99 where 4 was recorded.',
    ])
  })

  test('binds nothing wrong while it looks for the place of an inserted element', () => {
    const id = (letter: string): string => `${letter.repeat(8)}-1111-4222-8333-444455556666`
    const responseBody = [
      { id: id('a'), title: 'one' },
      { id: id('b'), title: 'two' },
    ]
    const json = [
      { id: id('c'), title: 'new' },
      { id: id('d'), title: 'one' },
      { id: id('e'), title: 'two' },
    ]
    const comparison = compare({ responseBody, live: { json } })
    expect(comparison.failures.map(({ path }) => path)).toEqual(['body[0]'])
    expect(comparison.bound.map(({ recorded, live }) => `${recorded[0]} ${live[0]}`).sort()).toEqual(['a d', 'b e'])
  })

  test('keeps to positions where everything differs', () => {
    expect(messages({ responseBody: [1, 2, 3], live: { json: [4, 5] } })).toEqual([
      'body[0] is 4 where 1 was recorded.',
      'body[1] is 5 where 2 was recorded.',
      'body[2] is missing: expected 3.',
    ])
  })

  test('compares arrays as sets when told to, and says where it mattered', () => {
    const options = { ignoreOrdering: true }
    const responseBody = { list: [{ a: [1, 2] }, { a: [3] }, 'x'] }
    const comparison = compare({ responseBody, options, live: { json: { list: ['x', { a: [3] }, { a: [2, 1] }] } } })
    expect(comparison.passed).toBe(true)
    expect(comparison.rules).toContainEqual({ path: 'body.list', rule: 'array order' })
    expect(compare({ responseBody: [1, 1, 2], options, live: { json: [1, 2, 2] } }).passed).toBe(false)
    expect(compare({ responseBody: [1, 2], options, live: { json: [2, 1, 3] } }).failures).toHaveLength(1)
    expect(compare({ responseBody: [[1, 2], [3]], options, live: { json: [[3], [4, 1]] } }).passed).toBe(false)
  })

  test('compares keys and types only when told to', () => {
    const options = { schemaMatch: true }
    const responseBody = { id: 1, tags: ['a'], user: { name: 'x' } }
    expect(
      compare({ responseBody, options, live: { json: { id: 2, tags: ['b', 'c'], user: { name: 'y' } } } }).passed,
    ).toBe(true)
    expect(messages({ responseBody, options, live: { json: { id: '2', tags: [1], user: {} } } })).toEqual([
      'body.id is a string ("2") where a number (1) was recorded.',
      'body.tags[0] is a number (1) where a string ("a") was recorded.',
      'body.user.name is missing: expected "x".',
    ])
  })

  test('falls back to text where nesting would end the stack', () => {
    const deep = (value: number): string => `${'['.repeat(9000)}${value}${']'.repeat(9000)}`
    expect(compare({ responseBody: deep(1), live: { text: ` ${deep(1)}` } }).rules).toEqual([
      { path: 'body', rule: 'compared as text: nested too deeply' },
    ])
    expect(compare({ responseBody: deep(1), live: { text: deep(2) } }).passed).toBe(false)
  })

  test('lists a hundred failures and counts the rest', () => {
    const make = (value: number): Record<string, number> =>
      Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`k${index}`, value]))
    const { failures } = compare({ responseBody: make(1), live: { json: make(2) } })
    expect(failures).toHaveLength(101)
    expect(failures.at(-1)?.message).toBe('50 more differences are not listed.')
    expect(messages({ responseBody: [1, 2], options: { maxFailures: 1 }, live: { json: [3, 4] } }).at(-1)).toBe(
      '1 more difference is not listed.',
    )
  })

  test('finds the live name of a key that is a generated id', () => {
    const [a, x] = ['3f2b1c9e-8a4d-4f1e-9b7a-2c6d5e4f3a21', '11111111-8a4d-4f1e-9b7a-2c6d5e4f3a21']
    const make = (id: string, n: number): unknown => ({ ids: [id], byId: { [id]: { n } } })
    expect(compare({ responseBody: make(a, 1), live: { json: make(x, 1) } }).passed).toBe(true)
    expect(messages({ responseBody: make(a, 1), live: { json: make(x, 2) } })).toEqual([
      `body.byId.${a}.n is 2 where 1 was recorded.`,
    ])
  })
})

describe('noise', () => {
  test('allows what it names, and is reported only where it was needed', () => {
    const noise = { 'body.items.at': [], 'body.gone': [], 'header.X-N': [], 'body.same': [] }
    const responseBody = { items: [{ at: 'a' }, { at: 'b' }], gone: 1, same: 1 }
    const json = ['Content-Type', 'application/json'] as const
    const comparison = compare({
      noise,
      responseBody,
      responseHeaders: [json, ['X-N', '1']],
      live: { json: { items: [{ at: 'c' }, { at: 'b' }], same: 1 }, headers: [json, ['X-N', '2']] },
    })
    expect(comparison).toMatchObject({ passed: true })
    expect(comparison.rules).toEqual([
      { path: 'body.items[0].at', rule: 'noise: body.items.at' },
      { path: 'body.gone', rule: 'noise: body.gone' },
      { path: 'header.X-N', rule: 'noise: header.X-N' },
    ])
  })

  test('of the whole body forgives it, and still binds what it shows', () => {
    const id = '3f2b1c9e-8a4d-4f1e-9b7a-2c6d5e4f3a21'
    const comparison = compare({
      noise: { body: [] },
      responseBody: { id, n: 1 },
      live: { json: { id: id.replaceAll('a', 'b'), n: 2 } },
    })
    expect(comparison.passed).toBe(true)
    expect(comparison.bound).toHaveLength(1)
    expect(comparison.rules).toContainEqual({ path: 'body.n', rule: 'noise: body' })
    const page = { responseHeaders: typed('text/html'), responseBody: 'a', live: { text: 'b' } }
    expect(compare({ ...page, noise: { body: ['*'] } }).rules).toEqual([{ path: 'body', rule: 'noise: body' }])
  })
})

describe('host', () => {
  test('is mapped in URLs of body and headers, as a whole only', () => {
    const responseBody = { self: 'http://localhost:8000/a', text: 'see localhost:8000.', other: 'localhost:80001' }
    const json = { self: 'http://127.0.0.1:9001/a', text: 'see 127.0.0.1:9001.', other: 'localhost:80001' }
    const headers = (host: string): HeaderList => [
      ['Location', `http://${host}/a`],
      ['Content-Type', 'application/json'],
    ]
    const trial = {
      responseBody,
      responseHeaders: headers('localhost:8000'),
      live: { json, headers: headers('127.0.0.1:9001') },
    }
    expect(messages(trial)).toEqual([])
    expect(compare(trial).rules.map(({ rule }) => rule)).toEqual(['host', 'host', 'host'])
    expect(
      messages({ responseBody: { a: 'http://evil/a' }, live: { json: { a: 'http://127.0.0.1:9001/a' } } }),
    ).toHaveLength(1)
  })

  test('without a port is mapped after // only', () => {
    expect(
      messages({ responseBody: { a: 'http://localhost/a' }, live: { json: { a: 'http://127.0.0.1:9001/a' } } }),
    ).toEqual([])
    expect(messages({ responseBody: { a: 'on localhost' }, live: { json: { a: 'on 127.0.0.1:9001' } } })).toHaveLength(
      1,
    )
  })
})

describe('other bodies', () => {
  test('text is compared line by line, an inserted line being one failure', () => {
    const responseHeaders = typed('text/plain')
    const lines = ['one', 'two', 'three', 'four']
    const trial = (live: string[]): string[] =>
      messages({ responseHeaders, responseBody: lines.join('\n'), live: { text: live.join('\n') } })
    expect(trial(['one', 'new', 'two', 'three', 'four'])).toEqual(['Line 2 was added: got "new".'])
    expect(trial(['one', 'three', 'four'])).toEqual(['Line 2 is missing: expected "two".'])
    expect(trial(['one', 'two', 'THREE', 'four'])).toEqual(['Line 3 is "THREE" where "three" was recorded.'])
    expect(trial(['one\r', 'two', 'three', 'four'])).toEqual(['Line 1 is "one\\r" where "one" was recorded.'])
  })

  test('generated values are found in lines', () => {
    const [a, x] = ['3f2b1c9e-8a4d-4f1e-9b7a-2c6d5e4f3a21', '11111111-8a4d-4f1e-9b7a-2c6d5e4f3a21']
    const page = (id: string, again: string): string => `<p>${id}</p>\n<a href="/x/${again}">x</a>`
    const trial = { responseHeaders: typed('text/html'), responseBody: page(a, a) }
    expect(compare({ ...trial, live: { text: page(x, x) } })).toMatchObject({
      passed: true,
      bound: [{ recorded: a, live: x }],
    })
    expect(messages({ ...trial, live: { text: page(x, a) } })[0]).toContain('stands for')
    expect(messages({ ...trial, live: { text: page(a, x) } })).toHaveLength(1)
  })

  test('forms are compared field by field', () => {
    const trial = { responseHeaders: typed('application/x-www-form-urlencoded'), responseBody: 'a=1&b=x%20y&c=1&c=2' }
    expect(compare({ ...trial, live: { text: 'b=x+y&a=1&c=1&c=2' } }).passed).toBe(true)
    expect(messages({ ...trial, live: { text: 'b=x+z&a=1&c=2&c=1' } })).toHaveLength(3)
  })

  test('multipart bodies are compared part by part, whatever the boundary', () => {
    const make = (boundary: string, value: number): string =>
      `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: application/json\r\n\r\n{"n":${value}}\r\n--${boundary}\r\nContent-Disposition: form-data; name="b"\r\n\r\nx\r\n\r\ny\r\n--${boundary}--\r\n`
    const trial = { responseHeaders: typed('multipart/form-data; boundary=b1'), responseBody: make('b1', 1) }
    const live = (value: number): Partial<ActualResponse> => ({
      body: Buffer.from(make('b-22', value)),
      headers: typed('multipart/form-data; boundary="b-22"'),
    })
    expect(messages({ ...trial, live: live(1) })).toEqual([])
    expect(messages({ ...trial, live: live(2) })).toEqual(['body[0].content.n is 2 where 1 was recorded.'])
    expect(compare({ ...trial, live: { text: 'no parts', headers: typed('multipart/form-data') } }).passed).toBe(false)
  })

  test('NDJSON and server-sent events are compared event by event', () => {
    const ndjson = { responseHeaders: typed('application/x-ndjson'), responseBody: '{"n":1}\n{"n":2}\n{"n":3}\n' }
    expect(messages({ ...ndjson, live: { text: '{"n":1}\n{"n":3}\n' } })).toEqual([
      'body[1] is missing: expected {"n":2}.',
    ])
    expect(compare({ ...ndjson, live: { text: '{ "n":1}\n\n{"n":2}\n{"n":3}' } }).passed).toBe(true)
    const sse = {
      responseHeaders: typed('text/event-stream'),
      responseBody: 'event: a\ndata: {"n":1}\nid: 1\n\n: ping\n\ndata: x\ndata: y\n\n',
    }
    expect(
      compare({
        ...sse,
        live: {
          text: 'event:a\r\nid:1\r\ndata:{"n": 1}\r\n\r\ndata\r\ndata:x\r\ndata:y\r\n\r\n'.replace('data\r\n', ''),
        },
      }).passed,
    ).toBe(true)
    expect(messages({ ...sse, live: { text: 'event: a\ndata: {"n":2}\nid: 1\n\ndata: x\ndata: y\n\n' } })).toEqual([
      'body[0].data.n is 2 where 1 was recorded.',
    ])
    expect(compare({ ...sse, live: { text: 'event: a\ndata: {"n":2}\n\n' } }).failures[0]?.kind).toBe('stream')
  })

  test('recorded streams are compared with live items, or with the body', () => {
    const items: StreamItem[] = [
      { at: 0, from: 'server', data: { type: 'sse', comment: 'hi' } },
      { at: 1, from: 'server', data: { type: 'sse', event: 'a', data: '{"n":1}', retry: '5' } },
    ]
    const recorded = makeTest({ name: 'it' })
    const trial = (
      kind: 'sse' | 'ndjson' | 'raw',
      expected: readonly StreamItem[],
      live: Partial<ActualResponse>,
    ): boolean => {
      const response = { ...recorded.response, body: { type: 'stream', kind, items: expected } as const }
      const bindings = new BindingTable(planBindings([]))
      const actual = { status: 200, statusMessage: '', headers: [], body: new Uint8Array(), ...live }
      return compareResponse({ ...recorded, response }, actual, { noise: createNoise(), bindings, hosts, options: {} })
        .passed
    }
    expect(trial('sse', items, { items: items.slice(1) })).toBe(true)
    expect(trial('sse', items, { items: [] })).toBe(false)
    expect(trial('sse', items, { body: Buffer.from('event: a\nretry: 5\ndata: {"n":1}\n\n') })).toBe(true)
    const lines: StreamItem[] = [{ at: 0, from: 'server', data: { type: 'ndjson', line: '{"n":1}' } }]
    expect(trial('ndjson', lines, { body: Buffer.from('{"n":1}\n') })).toBe(true)
    expect(trial('ndjson', lines, { items: lines })).toBe(true)
    const text: StreamItem[] = ['a', 'b'].map((piece) => ({
      at: 0,
      from: 'server',
      data: { type: 'text', text: piece },
    }))
    expect(trial('raw', text, { body: Buffer.from('ab') })).toBe(true)
    const bytes: StreamItem[] = [{ at: 0, from: 'server', data: { type: 'binary', bytes: Buffer.from([1, 2]) } }]
    expect(trial('raw', bytes, { body: Buffer.from([1, 2]) })).toBe(true)
    expect(trial('raw', bytes, { body: Buffer.from([1, 3]) })).toBe(false)
  })

  test('WebSocket messages of the server are compared in order; pings are not', () => {
    const items: StreamItem[] = [
      { at: 0, from: 'client', data: { type: 'text', text: 'hi' } },
      { at: 1, from: 'server', data: { type: 'text', text: '{"n":1}' } },
      { at: 2, from: 'server', data: { type: 'ping', bytes: new Uint8Array() } },
      { at: 3, from: 'server', data: { type: 'binary', bytes: Buffer.from([1]) } },
      { at: 4, from: 'server', data: { type: 'close', code: 1000 } },
    ]
    const sketch = { stream: { kind: 'websocket', items } } as const
    expect(
      compare({
        ...sketch,
        live: { items: items.filter(({ from, data }) => from === 'server' && data.type !== 'ping') },
      }).passed,
    ).toBe(true)
    expect(messages({ ...sketch, live: { items: items.slice(0, -1) } })).toEqual([
      'body[2] is missing: expected {"close":1000,"reason":""}.',
    ])
    expect(messages(sketch)).toHaveLength(3)
  })

  test('bytes are compared by size, digest and first difference', () => {
    const recorded = makeTest({ name: 'it' })
    const compareTo = (body: (typeof recorded)['response']['body'], live: Uint8Array): Comparison =>
      compareResponse(
        { ...recorded, response: { ...recorded.response, body } },
        { status: 200, statusMessage: '', headers: [], body: live },
        { noise: createNoise(), bindings: new BindingTable(planBindings([])), hosts, options: {} },
      )
    const binary = { type: 'binary', bytes: Buffer.from([1, 2, 3]) } as const
    expect(compareTo(binary, Buffer.from([1, 2, 3])).passed).toBe(true)
    expect(compareTo(binary, Buffer.from([1, 9, 3])).failures[0]?.message).toBe(
      'The body has 3 bytes where 3 were recorded, and differs from byte 1 on.',
    )
    expect(compareTo(binary, Buffer.from([1, 2])).failures[0]?.message).toContain('differs from byte 2 on')
    const sha256 = '039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81'
    expect(compareTo({ type: 'omitted', size: 3 }, Buffer.from([9, 9, 9])).rules).toEqual([
      { path: 'body', rule: 'size only: the recording kept no content' },
    ])
    expect(compareTo({ type: 'omitted', size: 3 }, Buffer.from([9])).passed).toBe(false)
    expect(compareTo({ type: 'omitted', size: 3, sha256 }, Buffer.from([1, 2, 3])).passed).toBe(true)
    expect(compareTo({ type: 'omitted', size: 3, sha256 }, Buffer.from([1, 2, 4])).failures[0]?.message).toContain(
      'another content',
    )
  })
})
