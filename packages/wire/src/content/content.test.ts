import { brotliCompressSync, deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib'

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { decodeContent, encodeContent, StreamDecoder } from '../index.ts'

const CODINGS = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'gzip, br', 'identity', '']

describe('whole bodies', () => {
  test.each(CODINGS)('%j is undone to what was encoded', (coding) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(decodeContent(encodeContent(bytes, coding), coding)).toEqual({ ok: true, bytes: Buffer.from(bytes) })
      }),
      { numRuns: 20 },
    )
  })

  test('a bare deflate stream is read as well', () => {
    expect(decodeContent(deflateRawSync('hello'), 'deflate')).toEqual({ ok: true, bytes: Buffer.from('hello') })
  })

  test.each([
    ['gzip', gzipSync(Buffer.alloc(5_000_000))],
    ['br', brotliCompressSync(Buffer.alloc(5_000_000))],
    ['zstd', zstdCompressSync(Buffer.alloc(5_000_000))],
  ])('%s that grows past the limit stops there', (coding, bytes) => {
    expect(decodeContent(bytes, coding)).toEqual({ ok: false, reason: 'limit' })
  })

  test('what is not in the coding, cut, or unknown is told as such', () => {
    expect(decodeContent(Buffer.from('hello'), 'gzip')).toEqual({ ok: false, reason: 'invalid' })
    expect(decodeContent(gzipSync('hello').subarray(0, 15), 'gzip')).toEqual({ ok: false, reason: 'invalid' })
    expect(decodeContent(Buffer.from('hello'), 'rot13')).toEqual({ ok: false, reason: 'unknown' })
    expect(decodeContent(Buffer.from('hello'), 'br, br, br, br, br')).toEqual({ ok: false, reason: 'unknown' })
    expect(() => encodeContent(Buffer.from('a'), 'rot13')).toThrow(
      expect.objectContaining({ code: 'KEPLOY_WIRE_ENCODING' }),
    )
  })
})

describe('streams', () => {
  test.each([
    ['gzip', gzipSync('hello world')],
    ['br', brotliCompressSync('hello world')],
    ['zstd', zstdCompressSync('hello world')],
    ['deflate', Buffer.from(encodeContent(Buffer.from('hello world'), 'deflate'))],
  ])('%s is undone byte by byte', (coding, bytes) => {
    const decoder = new StreamDecoder(coding, 1000)
    const parts = [...bytes].map((byte) => decoder.push(Buffer.from([byte])) ?? Buffer.from('?'))
    decoder.close()
    expect(Buffer.concat(parts).toString()).toBe('hello world')
  })

  test('a chunk that grows past the limit, garbage, and what has no such coding fail for good', () => {
    const bomb = new StreamDecoder('gzip', 1000)
    expect(bomb.push(gzipSync(Buffer.alloc(100_000)))).toBeUndefined()
    expect(bomb.push(Buffer.from('x'))).toBeUndefined()
    bomb.close()
    const garbage = new StreamDecoder('zstd', 1000)
    expect(garbage.push(Buffer.from('garbage!'))).toBeUndefined()
    garbage.close()
    expect(new StreamDecoder('rot13', 1000).failed).toBe(true)
  })
})
