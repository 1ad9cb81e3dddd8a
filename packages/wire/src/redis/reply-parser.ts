import type { Value } from '@keploy-framework/format'

import { textOrBytes } from '../protocol/value.ts'
import { ByteFeed } from './byte-feed.ts'
import { mapOf } from './map-of.ts'

/** RESP2, RESP3, or text in a file, in which the two stand beside each other. */
export type RespVersion = 2 | 3 | 'any'

/** Far beyond what Redis nests, and short of what a stack bears. */
const DEPTH_LIMIT = 128
const SAFE_DIGITS = /^(?:0|-?[1-9]\d{0,15})$/

interface Frame {
  readonly type: string
  readonly items: Value[]
  left: number
}

/**
 * Reads what a Redis server sends, message by message, into trees (see `encodeReply` for their form). Never throws: what
 * is no RESP, or longer than the limit, is told by `broken`, and nothing is read from then on.
 */
export class ReplyParser {
  readonly #feed = new ByteFeed()
  readonly #stack: Frame[] = []
  readonly #limit: number
  #version: RespVersion
  #type = ''
  #bulk = -1
  #begin = 0
  /** Whether the last item was not there because bytes are missing. */
  #waiting = false
  #broken: string | undefined

  constructor(limit: number, version: RespVersion = 2) {
    this.#limit = limit
    this.#version = version
  }

  /** Why nothing can be read any more. */
  get broken(): string | undefined {
    return this.#broken
  }

  /** Whether a message has begun and is not whole. */
  get partial(): boolean {
    return this.#feed.length > 0 || this.#stack.length > 0 || this.#bulk >= 0
  }

  /** Which nulls are the usual ones from here on. */
  set version(version: RespVersion) {
    this.#version = version
  }

  push(chunk: Uint8Array): void {
    if (this.#broken === undefined) this.#feed.push(chunk)
  }

  /** The next whole message; nothing when more bytes are needed. */
  next(): Value | undefined {
    while (this.#broken === undefined) {
      const item = this.#bulk >= 0 ? this.#readBulk() : this.#readHeader()
      if (this.#feed.taken - this.#begin > this.#limit)
        return this.#break(`a reply is longer than ${this.#limit} bytes`)
      if (item === undefined) {
        if (this.#waiting) return undefined
        continue
      }
      const value = this.#attach(item)
      if (value === undefined) continue
      this.#begin = this.#feed.taken
      return value
    }
    return undefined
  }

  #readBulk(): Value | undefined {
    const bytes = this.#feed.stretch(this.#bulk + 2)
    this.#waiting = bytes === undefined
    if (bytes === undefined) return undefined
    const length = this.#bulk
    this.#bulk = -1
    if (bytes[length] !== 13 || bytes[length + 1] !== 10)
      return this.#break('a string does not end where its length says')
    const content = bytes.subarray(0, length)
    if (this.#type === '$') return textOrBytes(content)
    if (this.#type === '!') return { blobError: textOrBytes(content) }
    if (length < 4 || content[3] !== 58) return this.#break('a verbatim string has no format')
    return { verbatim: textOrBytes(content.subarray(4)), format: textOrBytes(content.subarray(0, 3)) }
  }

  #readHeader(): Value | undefined {
    const feed = this.#feed
    const first = feed.first()
    this.#waiting = first === -1
    if (first === -1) return undefined
    if (first === 36) {
      // The common case, without text in between.
      const length = feed.count()
      if (length >= 0) return this.#beginBulk('$', length)
    }
    const line = feed.line()
    this.#waiting = line === undefined
    if (line === undefined) return undefined
    if (line === 'too long') return this.#break('a line does not end')
    const type = String.fromCharCode(first)
    const rest = line.subarray(1)
    if (type === '+') return { status: textOrBytes(rest) }
    if (type === '-') return { error: textOrBytes(rest) }
    return this.#readLine(type, rest.toString('latin1'))
  }

  #readLine(type: string, text: string): Value | undefined {
    switch (type) {
      case ':': {
        if (!/^[+-]?\d{1,20}$/.test(text)) return this.#break('an integer is no integer')
        return SAFE_DIGITS.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : { integer: text }
      }
      case '_': {
        if (text !== '') return this.#break('a null has content')
        return this.#version === 2 ? { nil: '_' } : null
      }
      case '#': {
        if (text !== 't' && text !== 'f') return this.#break('a boolean is neither t nor f')
        return text === 't'
      }
      case ',': {
        if (!/^[\w+.-]{1,400}$/.test(text)) return this.#break('a double is no number')
        return { double: text }
      }
      case '(': {
        if (!/^[+-]?\d+$/.test(text)) return this.#break('a big number is no number')
        return { bigNumber: text }
      }
      case '$':
        if (text === '-1') return this.#version === 3 ? { nil: '$' } : null
        return this.#beginBulk(type, lengthOf(text))
      case '!':
      case '=':
        return this.#beginBulk(type, lengthOf(text))
      case '*':
        if (text === '-1') return { nil: this.#version === 3 ? '*' : 'array' }
        return this.#beginGroup(type, lengthOf(text), 1)
      case '~':
      case '>':
        return this.#beginGroup(type, lengthOf(text), 1)
      case '%':
      case '|':
        return this.#beginGroup(type, lengthOf(text), 2)
      default:
        return this.#break(`no type of RESP begins with byte 0x${type.charCodeAt(0).toString(16)}`)
    }
  }

  #beginBulk(type: string, length: number | undefined): undefined {
    if (length === undefined) return this.#break('a length is no number (streamed types are not read)')
    if (length > this.#limit) return this.#break(`a reply is longer than ${this.#limit} bytes`)
    this.#type = type
    this.#bulk = length
    return undefined
  }

  #beginGroup(type: string, count: number | undefined, each: number): Value | undefined {
    if (count === undefined) return this.#break('a length is no number (streamed types are not read)')
    // An item takes three bytes at least, so a count beyond this cannot come within the limit.
    if (count > this.#limit / 3) return this.#break(`a reply is longer than ${this.#limit} bytes`)
    if (this.#stack.length >= DEPTH_LIMIT) return this.#break(`a reply is nested deeper than ${DEPTH_LIMIT}`)
    const frame: Frame = { type, items: [], left: count * each + (type === '|' ? 1 : 0) }
    if (frame.left === 0) return finish(frame)
    this.#stack.push(frame)
    return undefined
  }

  /** Puts an item where it belongs; gives the message that became whole by it. */
  #attach(item: Value): Value | undefined {
    let value = item
    for (;;) {
      const frame = this.#stack.at(-1)
      if (frame === undefined) return value
      frame.items.push(value)
      frame.left--
      if (frame.left > 0) return undefined
      this.#stack.pop()
      value = finish(frame)
    }
  }

  #break(reason: string): undefined {
    this.#broken = reason
    this.#stack.length = 0
    return undefined
  }
}

function lengthOf(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,9})$/.test(text) ? Number(text) : undefined
}

function finish({ type, items }: Frame): Value {
  if (type === '*') return items
  if (type === '~') return { set: items }
  if (type === '>') return { push: items }
  if (type === '%') return { map: mapOf(items) }
  return { attributes: mapOf(items.slice(0, -1)), of: items.at(-1) as Value }
}
