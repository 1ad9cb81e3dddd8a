import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { fillPlaceholders } from './placeholders.ts'
import { createRedactor } from './redactor.ts'
import { scanText } from './scan.ts'

const secret = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{8,20}[0-9]$/).filter((text) => /[a-z]/.test(text))

describe('redaction', () => {
  it('leaves no seen secret in any JSON, and filling gives the original back', () => {
    fc.assert(
      fc.property(secret, fc.jsonValue(), (value, json) => {
        const redactor = createRedactor()
        const text = JSON.stringify({ password: value, other: json, again: `see ${value}.` })
        const clean = Buffer.from(redactor.body(Buffer.from(text), 'application/json', 'request').bytes).toString()
        expect(clean).not.toContain(value)
        const numbers = new Set(
          redactor.secrets().flatMap(({ number, kind }) => (kind.endsWith('(number)') ? [number] : [])),
        )
        const json2 = (number: number) => JSON.stringify(redactor.value(number)).slice(1, -1)
        expect(JSON.parse(fillPlaceholders(clean, json2, { numbers }).text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('gives JSON that is still JSON', () => {
    const key = fc.constantFrom('password', 'token', 'pin', 'a', 'card_number', 'cookie')
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.array(tie('tree')), fc.dictionary(key, tie('tree'))),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const bytes = Buffer.from(JSON.stringify(value))
        const clean = createRedactor().body(bytes, 'application/json', 'request')
        expect(() => JSON.parse(Buffer.from(clean.bytes).toString()) as unknown).not.toThrow()
      }),
    )
  })

  it('finds secrets over the borders of a stream, wherever it is cut', () => {
    fc.assert(
      fc.property(secret, fc.array(fc.nat(200), { maxLength: 6 }), (value, cuts) => {
        const redactor = createRedactor()
        redactor.headers([['X-Api-Key', value]], 'request')
        const bytes = Buffer.from(`one ${value}\nh\u00e9llo password=${value}9 x\nlast ${value}`)
        const stream = redactor.stream('log')
        const pieces: Uint8Array[] = []
        let from = 0
        for (const cut of [...cuts.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length]) {
          pieces.push(stream.push(bytes.subarray(from, cut)))
          from = cut
        }
        pieces.push(stream.flush())
        const text = Buffer.concat(pieces).toString()
        expect(text).not.toContain(value)
        expect(text).toContain('h\u00e9llo password={{secret.')
      }),
    )
  })

  it('never throws and never changes what has no secret in it, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('application/json', 'text/html', 'multipart/form-data; boundary=a', undefined),
        (bytes, type) => {
          const redactor = createRedactor()
          const clean = redactor.body(bytes, type, 'request')
          const untouched = Buffer.compare(clean.bytes, bytes) === 0
          expect(untouched || redactor.secretCount > 0 || Buffer.from(bytes).includes('{{secret.')).toBe(true)
        },
      ),
    )
  })
})

describe('a megabyte of hostile text', () => {
  const pieces = [
    'eyJ',
    '"',
    '\\',
    '-----BEGIN PRIVATE KEY ',
    '<password ',
    'password=',
    'a://b:',
    '{"a":',
    '[',
    'eyJaaaaaaa.',
    '4111 ',
    '<input name=',
    'SG.',
    '"password":"',
    '"password\\":\\"',
    '"=',
    '{{secret.',
    '{{secret.1}}',
    'cookie: ',
    '\\"',
    'password:"\\',
    '<x:password><',
  ]

  // A quadratic scan of this would take minutes and run into the limit of the test.
  it.each(pieces)(
    'made of %j is done in one pass',
    (piece) => {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length))
      const redactor = createRedactor()
      expect(typeof redactor.text(text, 'log')).toBe('string')
      expect(redactor.body(Buffer.from(`{"a":"${text}`), 'application/json', 'request').bytes.length).toBeGreaterThan(0)
      expect(typeof redactor.target(`/?${text}`, 'request')).toBe('string')
    },
    10_000,
  )

  it('is held back by a stream only up to its bound', () => {
    const stream = createRedactor().stream('log')
    let released = 0
    for (let i = 0; i < 100; i++) released += stream.push(Buffer.alloc(10_000, 'x')).length
    expect(released).toBeGreaterThan(900_000)
    expect(released + stream.flush().length).toBe(1_000_000)
  })
})

describe('a stream', () => {
  it('holds a key block back until it ends', () => {
    const stream = createRedactor().stream('log')
    const push = (text: string) => Buffer.from(stream.push(Buffer.from(text))).toString()
    expect(push('a\n-----BEGIN PRIVATE KEY-----\nMIIE\n')).toBe('a\n')
    expect(push('MORE\n-----END PRIVATE KEY-----\nb\n')).toBe('{{secret.1}}\nb\n')
  })

  it('keeps bytes that are no text, and finds secrets beside them', () => {
    const stream = createRedactor().stream('log')
    const out = Buffer.from(stream.push(Buffer.from('\u00ff password=abcd1\n', 'latin1')))
    expect(out.toString('latin1')).toBe('\u00ff password={{secret.1}}\n')
    expect(stream.flush()).toHaveLength(0)
  })
})

describe('scanText', () => {
  it('names the place and kind of each secret, never the secret', () => {
    const found = scanText('a: 1\n  password: hunter22\nkey AKIAIOSFODNN7EXAMPLE {{secret.1}}\n')
    expect(found).toEqual([
      { kind: 'password field', line: 2, column: 13, start: 17, end: 25, preview: 'hu… (8 characters)' },
      { kind: 'AWS access key', line: 3, column: 5, start: 30, end: 50, preview: 'AKIA… (20 characters)' },
    ])
    expect(scanText('nick=bo', { keys: ['nick'] })).toHaveLength(1)
  })
})
