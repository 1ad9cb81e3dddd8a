import zlib from 'node:zlib'

import { DEFAULT_BODY_LIMIT } from '../defaults.ts'
import { WireError } from '../errors.ts'

/** The outcome of undoing a content encoding. */
export type DecodedContent =
  | { readonly ok: true; readonly bytes: Buffer }
  /** `unknown`: no such coding; `limit`: more bytes than allowed come out; `invalid`: not in that coding, or cut. */
  | { readonly ok: false; readonly reason: 'unknown' | 'limit' | 'invalid' }

/** The codings of a `Content-Encoding` value in the order in which they were applied; `identity` left out. */
export function contentCodings(encoding: string | undefined): string[] {
  if (encoding === undefined) return []
  return encoding
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '' && one !== 'identity')
}

function inflateAny(bytes: Uint8Array, options: zlib.ZlibOptions): Buffer {
  // "deflate" means zlib's format, but some servers send the bare one; the first byte tells them apart.
  return (bytes[0] ?? 0) % 16 === 8 ? zlib.inflateSync(bytes, options) : zlib.inflateRawSync(bytes, options)
}

function decodeOne(bytes: Uint8Array, coding: string, maxOutputLength: number): Buffer | undefined {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return zlib.gunzipSync(bytes, { maxOutputLength })
    case 'deflate':
      return inflateAny(bytes, { maxOutputLength })
    case 'br':
      return zlib.brotliDecompressSync(bytes, { maxOutputLength })
    case 'zstd':
      return zlib.zstdDecompressSync(bytes, { maxOutputLength })
    default:
      return undefined
  }
}

/**
 * Undoes a `Content-Encoding` (gzip, deflate, br, zstd, and lists of them). At most `limit` bytes come out (default
 * 1 MiB), whatever the input says. Never throws.
 *
 * @example
 * import { gzipSync } from 'node:zlib'
 * decodeContent(gzipSync('hello'), 'gzip') // { ok: true, bytes: <Buffer 68 65 6c 6c 6f> }
 */
export function decodeContent(
  bytes: Uint8Array,
  encoding: string | undefined,
  limit: number = DEFAULT_BODY_LIMIT,
): DecodedContent {
  let current = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const codings = contentCodings(encoding).toReversed()
  if (codings.length > 4) return { ok: false, reason: 'unknown' }
  try {
    for (const coding of codings) {
      if (current.length === 0) break
      const next = decodeOne(current, coding, limit)
      if (next === undefined) return { ok: false, reason: 'unknown' }
      current = next
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return { ok: false, reason: code === 'ERR_BUFFER_TOO_LARGE' ? 'limit' : 'invalid' }
  }
  return current.length > limit ? { ok: false, reason: 'limit' } : { ok: true, bytes: current }
}

/**
 * Applies a `Content-Encoding` (gzip, deflate, br, zstd, and lists of them).
 * Throws `WireError` `KEPLOY_WIRE_ENCODING` for a coding that is not known.
 *
 * @example
 * encodeContent(Buffer.from('hello'), 'br')
 */
export function encodeContent(bytes: Uint8Array, encoding: string | undefined): Uint8Array {
  let current = bytes
  for (const coding of contentCodings(encoding)) {
    if (coding === 'gzip' || coding === 'x-gzip') current = zlib.gzipSync(current)
    else if (coding === 'deflate') current = zlib.deflateSync(current)
    else if (coding === 'br') current = zlib.brotliCompressSync(current)
    else if (coding === 'zstd') current = zlib.zstdCompressSync(current)
    else {
      throw new WireError(
        'KEPLOY_WIRE_ENCODING',
        `Cannot apply the content encoding ${JSON.stringify(coding)}: use gzip, deflate, br or zstd.`,
      )
    }
  }
  return current
}
