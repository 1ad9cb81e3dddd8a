import type { InboundRequest } from '../relay/handler.ts'

/** Types of the frames between a hooked process and us; the other side is `hook/frames.cjs`. */
export const FRAME = {
  hello: 1,
  open: 2,
  data: 3,
  end: 4,
  abort: 5,
  secure: 6,
  opened: 7,
  refused: 8,
  reset: 9,
  listen: 10,
  flush: 11,
  flushed: 12,
} as const

const HEADER = 9
const DATA = 15
/** More than any chunk of a socket; what is longer does not come from our preload. */
const LIMIT = 512 * 1024 * 1024

/** A frame as it came; `payload` is a view. */
export interface Frame {
  readonly type: number
  readonly connection: number
  readonly payload: Buffer
}

/** Writes a frame: u32 length of the rest, u8 type, u32 connection, payload. */
export function encodeFrame(type: number, connection: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER + payload.length)
  bytes.writeUInt32BE(5 + payload.length, 0)
  bytes[4] = type
  bytes.writeUInt32BE(connection, 5)
  bytes.set(payload, HEADER)
  return bytes
}

/** Writes a frame that says something as JSON. */
export function encodeJson(type: number, connection: number, value: unknown): Buffer {
  return encodeFrame(type, connection, Buffer.from(JSON.stringify(value)))
}

/** Writes bytes of the server: flags, time, no request. */
export function encodeData(connection: number, chunk: Uint8Array): Buffer {
  const payload = Buffer.alloc(DATA + chunk.length)
  payload[0] = 1
  payload.set(chunk, DATA)
  return encodeFrame(FRAME.data, connection, payload)
}

/** What a data frame says. */
export interface DataFrame {
  readonly from: 'client' | 'server'
  readonly at: number
  readonly cause?: InboundRequest
  readonly chunk: Buffer
}

/** Reads a data frame; undefined when it is too short. */
export function decodeData(payload: Buffer): DataFrame | undefined {
  if (payload.length < DATA) return undefined
  const flags = payload[0] ?? 0
  return {
    from: (flags & 1) === 1 ? 'server' : 'client',
    at: payload.readDoubleBE(1),
    ...((flags & 2) === 2 && { cause: { clientPort: payload.readUInt16BE(9), ordinal: payload.readUInt32BE(11) } }),
    // Handlers may keep bytes.
    chunk: Buffer.from(payload.subarray(DATA)),
  }
}

/** Gives each whole frame of chunks to `emit`. Returns false once the bytes cannot be frames. */
export function createFrameReader(emit: (frame: Frame) => void): (chunk: Buffer) => boolean {
  let parts: Buffer[] = []
  let held = 0
  let wanted = 4
  let broken = false
  return (chunk) => {
    if (broken) return false
    parts.push(chunk)
    held += chunk.length
    if (held < wanted) return true
    let bytes = parts.length === 1 ? chunk : Buffer.concat(parts)
    wanted = 4
    while (bytes.length >= 4) {
      const length = bytes.readUInt32BE(0)
      if (length < 5 || length > LIMIT) {
        broken = true
        parts = []
        return false
      }
      if (bytes.length < 4 + length) {
        wanted = 4 + length
        break
      }
      emit({ type: bytes[4] ?? 0, connection: bytes.readUInt32BE(5), payload: bytes.subarray(HEADER, 4 + length) })
      bytes = bytes.subarray(4 + length)
    }
    parts = bytes.length === 0 ? [] : [bytes]
    held = bytes.length
    return true
  }
}
