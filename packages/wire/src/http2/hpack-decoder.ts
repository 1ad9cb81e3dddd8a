import type { HeaderPair } from '@keploy-framework/format'

import { STATIC_TABLE } from './hpack-static-table.ts'
import { decodeHuffman } from './huffman.ts'

/** Largest table that is kept; servers and clients agree on 4 KiB unless told otherwise. */
const TABLE_LIMIT = 1024 * 1024
/** Characters of one header section. */
const SECTION_LIMIT = 1024 * 1024

/** Reads header sections of one direction of a connection (RFC 7541). It has to see every one of them, in order. */
export class HpackDecoder {
  /** Newest first. */
  readonly #table: HeaderPair[] = []
  #tableSize = 0
  #tableLimit = 4096
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0

  /** The headers of a whole section; a sentence when it can't be read, after which nothing more can be. */
  decode(section: Buffer): HeaderPair[] | string {
    this.#bytes = section
    this.#at = 0
    const headers: HeaderPair[] = []
    let size = 0
    while (this.#at < section.length) {
      const byte = section[this.#at] as number
      if ((byte & 0xe0) === 0x20) {
        const limit = this.#integer(5)
        if (limit === undefined || limit > TABLE_LIMIT) return 'the size of a header table is not possible'
        this.#tableLimit = limit
        this.#evict()
        continue
      }
      const pair = this.#field(byte)
      if (pair === undefined) return 'a header section can not be read'
      size += pair[0].length + pair[1].length + 32
      if (size > SECTION_LIMIT) return 'a header section is longer than 1 MiB'
      headers.push(pair)
    }
    return headers
  }

  #field(byte: number): HeaderPair | undefined {
    if ((byte & 0x80) !== 0) {
      const index = this.#integer(7)
      return index === undefined ? undefined : this.#entry(index)
    }
    const indexed = (byte & 0xc0) === 0x40
    const index = this.#integer(indexed ? 6 : 4)
    if (index === undefined) return undefined
    const name = index === 0 ? this.#text() : this.#entry(index)?.[0]
    const value = name === undefined ? undefined : this.#text()
    if (name === undefined || value === undefined) return undefined
    const pair: HeaderPair = [name, value]
    if (indexed) {
      this.#table.unshift(pair)
      this.#tableSize += name.length + value.length + 32
      this.#evict()
    }
    return pair
  }

  #entry(index: number): HeaderPair | undefined {
    return index <= STATIC_TABLE.length ? STATIC_TABLE[index - 1] : this.#table[index - STATIC_TABLE.length - 1]
  }

  #evict(): void {
    while (this.#tableSize > this.#tableLimit) {
      const [name, value] = this.#table.pop() as HeaderPair
      this.#tableSize -= name.length + value.length + 32
    }
  }

  #integer(bits: number): number | undefined {
    const mask = 2 ** bits - 1
    let value = (this.#bytes[this.#at] as number) & mask
    this.#at += 1
    if (value < mask) return value
    for (let factor = 1; factor <= 2 ** 28; factor *= 128) {
      const byte = this.#bytes[this.#at]
      if (byte === undefined) return undefined
      this.#at += 1
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    return undefined
  }

  #text(): string | undefined {
    const first = this.#bytes[this.#at]
    if (first === undefined) return undefined
    const length = this.#integer(7)
    if (length === undefined || this.#at + length > this.#bytes.length) return undefined
    const bytes = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return (first & 0x80) === 0 ? bytes.toString('latin1') : decodeHuffman(bytes)
  }
}
