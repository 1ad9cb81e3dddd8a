import { ByteQueue } from '../protocol/byte-queue.ts'

/** The longest payload of one packet; a payload of this length goes on in the next packet. */
export const MAX_PACKET = 0xffffff

export interface Packet {
  /** The number of the first of its packets. */
  readonly sequence: number
  /** The number of the last of its packets. */
  readonly lastSequence: number
  readonly payload: Buffer
}

/** Takes payloads from a stream of packets: 3 bytes of length, 1 of sequence; those of 16 MiB go on in the next one. */
export class PacketReader {
  readonly #queue = new ByteQueue()
  readonly #limit: number
  #parts: Buffer[] = []
  #size = 0
  #first = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk)
  }

  /** Bytes that were pushed and belong to no whole packet yet. */
  takeRest(): Buffer {
    return this.#queue.takeAll()
  }

  /** The next payload; nothing while it is not whole, `too-long` when it is beyond the limit. */
  next(): Packet | 'too-long' | undefined {
    for (;;) {
      const head = this.#queue.peek(4)
      if (head === undefined) return undefined
      const length = head.readUIntLE(0, 3)
      const sequence = head[3] as number
      if (this.#size + length > this.#limit) return 'too-long'
      if (this.#queue.length < 4 + length) return undefined
      this.#queue.skip(4)
      const payload = this.#queue.take(length) as Buffer
      if (this.#parts.length === 0) this.#first = sequence
      if (length === MAX_PACKET) {
        this.#parts.push(payload)
        this.#size += length
        continue
      }
      const whole = this.#parts.length === 0 ? payload : Buffer.concat([...this.#parts, payload])
      this.#parts = []
      this.#size = 0
      return { sequence: this.#first, lastSequence: sequence, payload: whole }
    }
  }
}

/**
 * Frames a payload, in as many packets as it needs.
 *
 * @example
 * framePacket(Buffer.from([0x0e]), 0) // <Buffer 01 00 00 00 0e>
 */
export function framePacket(payload: Uint8Array, sequence: number): Buffer {
  const parts: Uint8Array[] = []
  let at = 0
  let number = sequence
  for (;;) {
    const length = Math.min(MAX_PACKET, payload.length - at)
    const head = Buffer.alloc(4)
    head.writeUIntLE(length, 0, 3)
    head[3] = number++ & 0xff
    parts.push(head, payload.subarray(at, at + length))
    at += length
    if (length < MAX_PACKET) return Buffer.concat(parts)
  }
}

/** How many packets a payload takes. */
export function packetsOf(payload: Uint8Array): number {
  return Math.floor(payload.length / MAX_PACKET) + 1
}
