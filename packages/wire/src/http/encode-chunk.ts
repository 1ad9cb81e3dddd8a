import type { HeaderList } from '@keploy-framework/format'

/**
 * Writes one chunk of a chunked body; nothing for an empty one, which would end the body.
 *
 * @example
 * encodeChunk(Buffer.from('hello')) // <Buffer of '5\r\nhello\r\n'>
 */
export function encodeChunk(bytes: Uint8Array): Buffer {
  if (bytes.length === 0) return Buffer.alloc(0)
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

/**
 * Ends a chunked body, with its trailers.
 *
 * @example
 * encodeLastChunk([['Digest', 'abc']]) // <Buffer of '0\r\nDigest: abc\r\n\r\n'>
 */
export function encodeLastChunk(trailers: HeaderList = []): Buffer {
  return Buffer.from(`0\r\n${trailers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1')
}
