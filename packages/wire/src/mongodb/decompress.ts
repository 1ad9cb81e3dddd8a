import * as zlib from 'node:zlib'

import { readSnappy } from './read-snappy.ts'

/**
 * Undoes a compressor of OP_COMPRESSED: 0 none, 1 snappy, 2 zlib, 3 zstd (in a Node that has it). Nothing when the bytes
 * cannot be read, or are not `size` bytes then.
 */
export function decompress(compressor: number, bytes: Uint8Array, size: number): Buffer | undefined {
  const plain = undo(compressor, bytes, size)
  return plain?.length === size ? plain : undefined
}

function undo(compressor: number, bytes: Uint8Array, size: number): Buffer | undefined {
  try {
    if (compressor === 0) return Buffer.from(bytes)
    if (compressor === 1) return readSnappy(bytes, size)
    // A limit of 0 is refused, and nothing is that short.
    const options = { maxOutputLength: Math.max(size, 1) }
    if (compressor === 2) return zlib.inflateSync(bytes, options)
    return compressor === 3 && 'zstdDecompressSync' in zlib ? zlib.zstdDecompressSync(bytes, options) : undefined
  } catch {
    return undefined
  }
}
