import { gunzipSync } from 'node:zlib'

/** What a body may unpack to, in bytes, to be looked into. */
const MAX_UNPACKED = 8 * 1024 * 1024

/** Whether bytes begin as gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b
}

/**
 * What gzip bytes hold, all of it; undefined when they are damaged, hold more than 8 MiB, or something comes after them.
 *
 * @example
 * unpackGzip(gzipSync('text')) // the four bytes of 'text'
 */
export function unpackGzip(bytes: Uint8Array): Uint8Array | undefined {
  if (!isGzip(bytes)) return undefined
  try {
    // With `info` the answer also tells how many bytes were read; the types of Node do not know that.
    const { buffer, engine } = gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED, info: true }) as unknown as {
      readonly buffer: Buffer
      readonly engine: { readonly bytesWritten: number }
    }
    return engine.bytesWritten === bytes.length ? buffer : undefined
  } catch {
    return undefined
  }
}
