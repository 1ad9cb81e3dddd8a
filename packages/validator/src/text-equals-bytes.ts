import { isAscii } from 'node:buffer'

/** Small enough to stay in the processor's cache while it is written and compared. */
const CHUNK = 65_536
const scratch = Buffer.allocUnsafeSlow(CHUNK * 3)
/** On a string of one-byte characters the engine knows without a look that this finds nothing. */
const WIDE = /[\u0100-\uFFFF]/

/**
 * Whether a text encodes to exactly these bytes in UTF-8, without keeping an encoded copy. Almost every comparison of a
 * passing test ends here, so ASCII takes a shorter way: as many bytes as characters, and none above 127.
 */
export function textEqualsBytes(text: string, bytes: Uint8Array): boolean {
  if (bytes.length < text.length || bytes.length > text.length * 3) return false
  const ascii = bytes.length === text.length
  if (ascii && WIDE.test(text)) return false
  let offset = 0
  for (let start = 0, end = 0; start < text.length; start = end) {
    end = Math.min(start + CHUNK, text.length)
    if (!ascii && end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end--
    const piece = text.slice(start, end)
    const written = scratch.write(piece, 0, ascii ? 'latin1' : 'utf8')
    if (written > bytes.length - offset || (ascii && !isAscii(bytes.subarray(offset, offset + written)))) return false
    if (scratch.compare(bytes, offset, offset + written, 0, written) !== 0) return false
    offset += written
  }
  return offset === bytes.length
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd8_00 && code <= 0xdb_ff
}
