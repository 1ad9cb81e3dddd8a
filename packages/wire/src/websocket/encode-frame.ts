import { randomBytes } from 'node:crypto'

/** WebSocket opcodes (RFC 6455, 11.8). */
export const WEBSOCKET_OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export interface FrameOptions {
  /** One of `WEBSOCKET_OPCODES`. */
  readonly opcode: number
  /** Default true: the last frame of its message. */
  readonly fin?: boolean
  /** Default false: the payload was compressed by permessage-deflate. */
  readonly compressed?: boolean
  /** Frames from clients are masked. `true` takes random bytes; four bytes of your own make the frame repeatable. */
  readonly mask?: boolean | Uint8Array
}

/**
 * Writes one WebSocket frame.
 *
 * @example
 * encodeFrame(Buffer.from('hi'), { opcode: WEBSOCKET_OPCODES.text, mask: true })
 */
export function encodeFrame(payload: Uint8Array, options: FrameOptions): Buffer {
  const { length } = payload
  const mask = options.mask === true ? randomBytes(4) : options.mask === false ? undefined : options.mask
  const extra = length > 65535 ? 8 : length > 125 ? 2 : 0
  const start = 2 + extra + (mask === undefined ? 0 : 4)
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = (options.fin === false ? 0 : 128) | (options.compressed === true ? 64 : 0) | options.opcode
  frame[1] = (mask === undefined ? 0 : 128) | (extra === 8 ? 127 : extra === 2 ? 126 : length)
  if (extra === 2) frame.writeUInt16BE(length, 2)
  else if (extra === 8) frame.writeBigUInt64BE(BigInt(length), 2)
  frame.set(payload, start)
  if (mask !== undefined) {
    frame.set(mask.subarray(0, 4), start - 4)
    for (let index = 0; index < length; index += 1) {
      frame[start + index] = (frame[start + index] ?? 0) ^ (mask[index & 3] ?? 0)
    }
  }
  return frame
}

/**
 * The payload of a close frame: a code and a reason, or nothing.
 *
 * @example
 * encodeFrame(closePayload(1000, 'done'), { opcode: WEBSOCKET_OPCODES.close })
 */
export function closePayload(code?: number, reason = ''): Buffer {
  if (code === undefined) return Buffer.alloc(0)
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason))
  payload.writeUInt16BE(code, 0)
  payload.write(reason, 2)
  return payload
}
