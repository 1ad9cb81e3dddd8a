import { bytesOf } from '../protocol/value.ts'
import { uint } from './bytes.ts'
import { writeMethod, type MethodTree } from './method-codec.ts'
import { methodNamed } from './methods.ts'
import { writeContentHeader } from './properties.ts'

const END = Buffer.from([0xce])

/** The frame that keeps a connection up. */
export const HEARTBEAT: Buffer = Buffer.from([8, 0, 0, 0, 0, 0, 0, 0xce])

/**
 * Writes a method as frames of at most `frameMax` bytes (0: no limit), with its message where it has one.
 *
 * @example
 * writeFrames(1, { method: 'queue.purge-ok', messageCount: 3 }, 131072)
 */
export function writeFrames(channel: number, tree: MethodTree, frameMax: number): Buffer {
  const method = writeMethod(tree)
  if (method === undefined) return Buffer.alloc(0)
  const frames = [frame(1, channel, method)]
  if (methodNamed(tree.method)?.content === true) {
    const { body, properties } = tree
    const bytes = typeof body === 'string' || body instanceof Uint8Array ? bytesOf(body) : Buffer.alloc(0)
    frames.push(frame(2, channel, writeContentHeader(bytes.length, properties)))
    // Eight bytes of a frame are not its payload.
    const most = frameMax > 8 ? frameMax - 8 : Math.max(bytes.length, 1)
    for (let at = 0; at < bytes.length; at += most) frames.push(frame(3, channel, bytes.subarray(at, at + most)))
  }
  return Buffer.concat(frames)
}

function frame(type: number, channel: number, payload: Uint8Array): Buffer {
  return Buffer.concat([uint(1, type), uint(2, channel), uint(4, payload.length), payload, END])
}
