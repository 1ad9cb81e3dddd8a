import { gunzipSync, gzipSync, inflateSync } from 'node:zlib'

import type { Value } from '@keploy-framework/format'

import { ByteQueue } from '../protocol/byte-queue.ts'
import { bytesOf, textOrBytes } from '../protocol/value.ts'
import { encodeProtoscope } from './protoscope-read.ts'
import { decodeProtoscope } from './protoscope-write.ts'

/** One message as it stood in its five-byte frame. */
export interface FramedMessage {
  readonly compressed: boolean
  readonly bytes: Buffer
}

/** Takes messages out of the bytes of one direction of a gRPC call. */
export class MessageSplitter {
  readonly #queue = new ByteQueue()
  readonly #limit: number
  problem: string | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  push(chunk: Uint8Array): FramedMessage[] {
    const found: FramedMessage[] = []
    if (this.problem !== undefined) return found
    this.#queue.push(chunk)
    for (let head = this.#queue.peek(5); head !== undefined; head = this.#queue.peek(5)) {
      const length = head.readUInt32BE(1)
      const flag = head[0] as number
      if (flag > 1) this.problem = 'a gRPC message has an unknown flag'
      else if (length > this.#limit) this.problem = `a gRPC message is longer than ${this.#limit} bytes`
      if (this.problem !== undefined) return found
      if (this.#queue.length < 5 + length) return found
      const whole = this.#queue.take(5 + length) as Buffer
      found.push({ compressed: flag === 1, bytes: whole.subarray(5) })
    }
    return found
  }
}

/** A message with its compression undone; nothing when that fails. */
export function inflateMessage(
  message: FramedMessage,
  encoding: string | undefined,
  limit: number,
): Buffer | undefined {
  if (!message.compressed) return message.bytes
  try {
    if (encoding === 'gzip') return gunzipSync(message.bytes, { maxOutputLength: limit })
    if (encoding === 'deflate') return inflateSync(message.bytes, { maxOutputLength: limit })
  } catch {
    return undefined
  }
  return undefined
}

/** A message as a tree has it: protoscope text, or JSON where that is what is sent, else bytes. */
export function messageValue(bytes: Uint8Array, contentType: string): string | Uint8Array {
  if (/\+json\b/.test(contentType)) return textOrBytes(bytes)
  return decodeProtoscope(bytes) ?? new Uint8Array(bytes)
}

/** The bytes of what `messageValue` gave; nothing for text that is no protoscope. */
export function messageBytes(value: Value | undefined, contentType: string): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value
  if (typeof value !== 'string') return undefined
  return /\+json\b/.test(contentType) ? bytesOf(value) : encodeProtoscope(value)
}

/** Frames a message, compressed with gzip when asked to. */
export function frameMessage(bytes: Uint8Array, gzip: boolean): Buffer {
  const content = gzip ? gzipSync(bytes) : bytes
  const head = Buffer.alloc(5)
  head[0] = gzip ? 1 : 0
  head.writeUInt32BE(content.length, 1)
  return Buffer.concat([head, content])
}
