import { textOrBytes } from '../protocol/value.ts'
import { ByteFeed } from './byte-feed.ts'
import { splitInline } from './split-inline.ts'

/** A word of a command. */
export type Word = string | Uint8Array

/** What Redis itself takes at most: https://github.com/redis/redis/blob/7.0/src/networking.c */
const WORD_COUNT_LIMIT = 1024 * 1024

/**
 * Reads what a client of Redis sends, command by command: arrays of bulk strings, and inline commands. Never throws: what
 * is neither is told by `broken`, and nothing is read from then on.
 */
export class CommandParser {
  readonly #feed = new ByteFeed()
  readonly #limit: number
  #words: Word[] | undefined
  #left = 0
  #bulk = -1
  #begin = 0
  #broken: string | undefined
  /** Bytes of the command that was given last. */
  size = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Why nothing can be read any more. */
  get broken(): string | undefined {
    return this.#broken
  }

  /** Whether a command has begun and is not whole. */
  get partial(): boolean {
    return this.#words !== undefined || this.#feed.length > 0
  }

  push(chunk: Uint8Array): void {
    if (this.#broken === undefined) this.#feed.push(chunk)
  }

  /** The next whole command, with one word at least; nothing when more bytes are needed. */
  next(): readonly Word[] | undefined {
    while (this.#broken === undefined) {
      if (this.#words === undefined && !this.#readStart()) return undefined
      const words = this.#words
      if (words === undefined) continue
      while (this.#left > 0) {
        const word = this.#readWord()
        if (word === undefined) return undefined
        words.push(word)
        this.#left--
      }
      this.#words = undefined
      this.size = this.#feed.taken - this.#begin
      return words
    }
    return undefined
  }

  /** Reads a header or an inline command; false when bytes are missing. An empty command is skipped, as Redis does. */
  #readStart(): boolean {
    const first = this.#feed.first()
    if (first === -1) return false
    this.#begin = this.#feed.taken
    if (first !== 42) return this.#readInline()
    let count = this.#feed.count()
    if (count === -1) {
      const line = this.#feed.line()
      if (line === undefined) return false
      count = line === 'too long' ? NaN : Number(line.subarray(1).toString('latin1'))
    }
    if (!Number.isInteger(count) || count > WORD_COUNT_LIMIT) {
      this.#broken = 'the number of words of a command is no number'
      return true
    }
    if (count <= 0) return true
    this.#words = []
    this.#left = count
    return true
  }

  #readInline(): boolean {
    const line = this.#feed.looseLine()
    if (line === undefined) return false
    const words = line === 'too long' ? undefined : splitInline(line)
    if (words === undefined) this.#broken = 'an inline command is too long, or its quotes do not close'
    else if (words.length > 0) this.#words = words
    return true
  }

  #readWord(): Word | undefined {
    const feed = this.#feed
    if (this.#bulk < 0) {
      const first = feed.first()
      if (first === -1) return undefined
      if (first !== 36) {
        this.#broken = 'a word of a command is no bulk string'
        return undefined
      }
      this.#bulk = feed.count()
      if (this.#bulk === -1) {
        if (feed.line() !== undefined) this.#broken = 'the length of a word is no number'
        return undefined
      }
      if (feed.taken - this.#begin + this.#bulk > this.#limit) {
        this.#broken = `a command is longer than ${this.#limit} bytes`
        return undefined
      }
    }
    const short = feed.ascii(this.#bulk)
    if (short !== undefined) {
      this.#bulk = -1
      return short
    }
    const bytes = feed.stretch(this.#bulk + 2)
    if (bytes === undefined) return undefined
    const length = this.#bulk
    this.#bulk = -1
    if (bytes[length] === 13 && bytes[length + 1] === 10) return textOrBytes(bytes.subarray(0, length))
    this.#broken = 'a word does not end where its length says'
    return undefined
  }
}
