import { gunzipSync, zstdDecompressSync } from 'node:zlib'

import { unpackLz4 } from './lz4.ts'
import { unpackSnappy } from './snappy.ts'

/** Bytes that may come out of one batch. What grows beyond is not read. */
const LIMIT = 64 * 1024 * 1024

/** Undoes the compression of a batch (the lowest three bits of its attributes). Throws where it cannot be undone. */
export function unpack(compression: number, bytes: Buffer): Buffer {
  switch (compression) {
    case 0:
      return bytes
    case 1:
      return gunzipSync(bytes, { maxOutputLength: LIMIT })
    case 2:
      return unpackSnappy(bytes, LIMIT)
    case 3:
      return unpackLz4(bytes, LIMIT)
    case 4:
      return zstdDecompressSync(bytes, { maxOutputLength: LIMIT })
    default:
      throw new RangeError(`compression ${compression} is not known`)
  }
}
