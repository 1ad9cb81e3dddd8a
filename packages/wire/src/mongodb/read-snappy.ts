/**
 * Reads a block of snappy (format_description.txt of google/snappy): its length, then literals and copies of what came
 * before. Nothing when it is malformed or longer than `limit`.
 */
export function readSnappy(bytes: Uint8Array, limit: number): Buffer | undefined {
  let at = 0
  let size = 0
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]
    if (byte === undefined || shift > 28) return undefined
    size += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  if (size > limit) return undefined
  const output = Buffer.alloc(size)
  let written = 0
  const number = (length: number): number => {
    let value = 0
    for (let index = 0; index < length; index++) value += (bytes[at++] ?? 0) * 2 ** (8 * index)
    return value
  }
  while (at < bytes.length) {
    const tag = bytes[at++] as number
    const kind = tag & 3
    let length = (tag >> 2) + 1
    if (kind === 0) {
      if (length > 60) length = number(length - 60) + 1
      if (at + length > bytes.length || written + length > size) return undefined
      output.set(bytes.subarray(at, at + length), written)
      at += length
      written += length
      continue
    }
    if (kind === 1) length = ((tag >> 2) & 7) + 4
    const offset = kind === 1 ? (tag >> 5) * 256 + number(1) : number(kind === 2 ? 2 : 4)
    if (offset === 0 || offset > written || written + length > size) return undefined
    // One by one: a copy may reach into what it writes.
    for (let end = written + length; written < end; written++) output[written] = output[written - offset] as number
  }
  return written === size ? output : undefined
}
