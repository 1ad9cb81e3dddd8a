import { ByteQueue } from '../protocol/byte-queue.ts'
import { textOrBytes } from '../protocol/value.ts'
import { readMethod, type MethodTree } from './method-codec.ts'
import { methodNamed } from './methods.ts'
import { readContentHeader, type ContentHeader } from './properties.ts'

/** A method on a channel, with its message where it has one: `properties` and `body` are among the arguments then. */
export interface ChannelMethod {
  readonly channel: number
  readonly tree: MethodTree
}

interface Unfinished {
  readonly tree: MethodTree
  header?: ContentHeader
  readonly body: Uint8Array[]
  size: number
}

const FRAME_OVERHEAD = 8
const END = 0xce

/** Reads the frames of one side of a connection into whole methods. After a problem nothing more can be read. */
export class FrameReader {
  readonly #queue = new ByteQueue()
  readonly #limit: number
  readonly #unfinished = new Map<number, Unfinished>()
  /** Bytes of bodies that are not whole yet, of all channels. */
  #held = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk)
  }

  /** Takes the 8 bytes with which a client begins; nothing when fewer are there. */
  takeHeader(): Buffer | undefined {
    return this.#queue.take(8)
  }

  /** The next whole method, or why there can be none; nothing when more bytes are needed. */
  next(): ChannelMethod | { readonly problem: string } | undefined {
    for (;;) {
      const head = this.#queue.peek(7)
      if (head === undefined) return undefined
      const type = head[0] as number
      const size = head.readUInt32BE(3)
      if (type !== 8 && (type < 1 || type > 3)) return { problem: `a frame has the unknown type ${type}` }
      if (size > this.#limit) return { problem: `a frame is longer than ${this.#limit} bytes` }
      const channel = head.readUInt16BE(1)
      const frame = this.#queue.take(size + FRAME_OVERHEAD)
      if (frame === undefined) return undefined
      if (frame.at(-1) !== END) return { problem: 'a frame does not end where it should' }
      if (type === 8) continue
      const read = this.#take(type, channel, frame.subarray(7, -1))
      if (read !== undefined) return read
    }
  }

  #take(type: number, channel: number, payload: Buffer): ChannelMethod | { readonly problem: string } | undefined {
    const unfinished = this.#unfinished.get(channel)
    if (type === 1) {
      const tree = readMethod(payload)
      if (tree === undefined) return { problem: 'a method is malformed or unknown' }
      // A channel that is closed in the middle of a message never gets the rest.
      if (unfinished !== undefined) this.#drop(channel, unfinished)
      if (methodNamed(tree.method)?.content !== true) return { channel, tree }
      this.#unfinished.set(channel, { tree, body: [], size: 0 })
      return undefined
    }
    if (unfinished === undefined) return { problem: 'a part of a message comes without its method' }
    if (type === 2) {
      const header = unfinished.header === undefined ? readContentHeader(payload) : undefined
      if (header === undefined) return { problem: 'the header of a message is malformed' }
      if (header.size > BigInt(this.#limit)) return { problem: `a message is longer than ${this.#limit} bytes` }
      unfinished.header = header
    } else {
      if (unfinished.header === undefined) return { problem: 'the body of a message comes without its header' }
      unfinished.body.push(payload)
      unfinished.size += payload.length
      this.#held += payload.length
      if (this.#held > this.#limit)
        return { problem: `messages that are not whole are longer than ${this.#limit} bytes` }
    }
    return this.#finish(channel, unfinished)
  }

  #finish(channel: number, unfinished: Unfinished): ChannelMethod | { readonly problem: string } | undefined {
    const { tree, header, body, size } = unfinished
    if (header === undefined || BigInt(size) < header.size) return undefined
    if (BigInt(size) > header.size) return { problem: 'the body of a message is longer than its header says' }
    this.#drop(channel, unfinished)
    return { channel, tree: { ...tree, properties: header.properties, body: textOrBytes(Buffer.concat(body)) } }
  }

  #drop(channel: number, unfinished: Unfinished): void {
    this.#unfinished.delete(channel)
    this.#held -= unfinished.size
  }
}
