/** One field of a protobuf message, as far as bytes tell without a schema. */
export type WireField =
  | { readonly number: number; readonly type: 'varint' | 'i32' | 'i64'; readonly value: bigint }
  | { readonly number: number; readonly type: 'len'; readonly bytes: Buffer }
  | { readonly number: number; readonly type: 'start' | 'end' }

const MAX_FIELDS = 100_000

/** The fields of a message; nothing when the bytes are none, or are written in another way than the shortest. */
export function readFields(bytes: Buffer): WireField[] | undefined {
  const fields: WireField[] = []
  const groups: number[] = []
  let at = 0
  const varint = (): bigint | undefined => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at]
      if (byte === undefined) return undefined
      at += 1
      value |= BigInt(byte & 127) << shift
      // A last byte of zero would be lost when it is written again.
      if (byte < 128) return (byte === 0 && shift > 0n) || value > 0xffff_ffff_ffff_ffffn ? undefined : value
    }
    return undefined
  }
  while (at < bytes.length) {
    const tag = varint()
    if (tag === undefined || tag > 0xffff_ffffn || fields.length >= MAX_FIELDS) return undefined
    const number = Number(tag >> 3n)
    const type = Number(tag & 7n)
    if (number === 0) return undefined
    if (type === 0) {
      const value = varint()
      if (value === undefined) return undefined
      fields.push({ number, type: 'varint', value })
    } else if (type === 1 || type === 5) {
      const size = type === 1 ? 8 : 4
      if (at + size > bytes.length) return undefined
      const value = type === 1 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUInt32LE(at))
      at += size
      fields.push({ number, type: type === 1 ? 'i64' : 'i32', value })
    } else if (type === 2) {
      const length = varint()
      if (length === undefined || length > BigInt(bytes.length - at)) return undefined
      fields.push({ number, type: 'len', bytes: bytes.subarray(at, at + Number(length)) })
      at += Number(length)
    } else if (type === 3) {
      groups.push(number)
      fields.push({ number, type: 'start' })
    } else if (type === 4) {
      if (groups.pop() !== number) return undefined
      fields.push({ number, type: 'end' })
    } else return undefined
  }
  return groups.length === 0 ? fields : undefined
}

/** What bytes within a message most likely are. */
export type Content =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'message'; readonly fields: readonly WireField[] }
  | { readonly type: 'bytes' }

// oxlint-disable-next-line no-control-regex -- control characters are what sets bytes apart from text
const CONTROL = /[\0-\u0008\u000b\u000c\u000e-\u001f\u007f]/
const MAX_DEPTH = 64

/** Text where it reads as such, else a message where the bytes can be one. */
export function guessContent(bytes: Buffer, depth: number): Content {
  const text = bytes.toString('utf8')
  const isText = Buffer.from(text, 'utf8').equals(bytes) && !CONTROL.test(text)
  // A message whose first field is a text of nine to thirteen bytes begins like a text with an empty line.
  if (isText && !/^[\t\n\r]/.test(text)) return { type: 'text', text }
  const fields = depth < MAX_DEPTH && bytes.length > 0 ? readFields(bytes) : undefined
  if (fields !== undefined) return { type: 'message', fields }
  return isText ? { type: 'text', text } : { type: 'bytes' }
}
