/** Nesting past this is refused, so that no text can exhaust the stack. */
const MAX_DEPTH = 200

const WIRE_TYPES: Readonly<Record<string, number>> = { VARINT: 0, I64: 1, LEN: 2, SGROUP: 3, EGROUP: 4, I32: 5 }

const SPACE = /(?:[\s,]+|#[^\n]*)*/y
const TAG = /(\d+|0x[\da-fA-F]+):(VARINT|I64|LEN|SGROUP|EGROUP|I32|[0-5](?![\w.]))?/y
const NUMBER = /(-?(?:0x[\da-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))(i32|i64|z)?/y
const WORD = /(-?inf(?:32|64)|true|false|long-form:\d+)/y
const TEXT = /"((?:[^"\\]|\\[\s\S])*)"/y
const HEX = /`([\da-fA-F\s]*)`/y

function varint(value: bigint, extra: number): Buffer {
  const bytes: number[] = []
  let rest = BigInt.asUintN(64, value)
  do {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  } while (rest > 0n)
  for (let index = 0; index < extra; index += 1) bytes.push(128)
  bytes[bytes.length - 1] = (bytes.at(-1) as number) & 127
  return Buffer.from(bytes)
}

function unquote(text: string): Buffer {
  const pieces: Buffer[] = []
  let plain = ''
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string
    if (char !== '\\') {
      plain += char
      continue
    }
    const rest = /^(?:x([\da-fA-F]{2})|([0-7]{1,3})|([\s\S]))/.exec(text.slice(at + 1, at + 4))
    if (rest === null) continue
    const [whole, hex, octal, one = ''] = rest
    at += whole.length
    if (hex === undefined && octal === undefined)
      plain += ({ n: '\n', r: '\r', t: '\t' } as Record<string, string>)[one] ?? one
    else {
      pieces.push(
        Buffer.from(plain, 'utf8'),
        Buffer.from([Number.parseInt(hex ?? octal ?? '0', hex === undefined ? 8 : 16) & 255]),
      )
      plain = ''
    }
  }
  return Buffer.concat([...pieces, Buffer.from(plain, 'utf8')])
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The bytes of everything up to a closing brace, or the end; nothing when there is a mistake. */
  sequence(depth: number): Buffer | undefined {
    if (depth > MAX_DEPTH) return undefined
    const pieces: Buffer[] = []
    let extra = 0
    for (;;) {
      this.#match(SPACE)
      const char = this.#text[this.#at]
      if (char === undefined || char === '}') return Buffer.concat(pieces)
      const tag = this.#match(TAG)
      if (tag !== undefined) {
        const field = this.#tagged(tag, depth)
        if (field === undefined) return undefined
        pieces.push(field)
        continue
      }
      const long = /^long-form:(\d{1,2})/.exec(this.#text.slice(this.#at, this.#at + 12))
      if (long !== null) {
        this.#at += long[0].length
        extra = Number(long[1])
        continue
      }
      const value = this.#value(depth, extra)
      extra = 0
      if (value === undefined) return undefined
      pieces.push(value.bytes)
    }
  }

  get done(): boolean {
    return this.#at >= this.#text.length
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) return undefined
    this.#at = pattern.lastIndex
    return found
  }

  #tagged(tag: RegExpExecArray, depth: number): Buffer | undefined {
    const number = BigInt(tag[1] as string)
    if (number > 0x1fff_ffffn) return undefined
    const named = tag[2]
    const make = (type: number): Buffer => varint((number << 3n) | BigInt(type), 0)
    if (named !== undefined) return make(WIRE_TYPES[named] ?? Number(named))
    this.#match(SPACE)
    if (this.#text.startsWith('!{', this.#at)) {
      this.#at += 2
      const content = this.sequence(depth + 1)
      if (content === undefined || this.#text[this.#at] !== '}') return undefined
      this.#at += 1
      return Buffer.concat([make(3), content, make(4)])
    }
    const long = /^long-form:(\d{1,2})\s+/.exec(this.#text.slice(this.#at, this.#at + 24))
    if (long !== null) this.#at += long[0].length
    const value = this.#value(depth, Number(long?.[1] ?? 0))
    return value === undefined ? undefined : Buffer.concat([make(value.type), value.bytes])
  }

  #value(depth: number, extra: number): { readonly type: number; readonly bytes: Buffer } | undefined {
    if (this.#text[this.#at] === '{') {
      this.#at += 1
      const content = this.sequence(depth + 1)
      if (content === undefined || this.#text[this.#at] !== '}') return undefined
      this.#at += 1
      return { type: 2, bytes: Buffer.concat([varint(BigInt(content.length), extra), content]) }
    }
    const text = this.#match(TEXT)
    if (text !== undefined) return { type: 2, bytes: unquote(text[1] as string) }
    const hex = this.#match(HEX)
    if (hex !== undefined) return { type: 2, bytes: Buffer.from((hex[1] as string).replaceAll(/\s/g, ''), 'hex') }
    const word = this.#match(WORD)?.[1]
    if (word === 'true' || word === 'false') return { type: 0, bytes: varint(word === 'true' ? 1n : 0n, extra) }
    if (word !== undefined)
      return float(word.startsWith('-') ? -Infinity : Infinity, word.endsWith('32') ? 'i32' : undefined)
    const number = this.#match(NUMBER)
    return number === undefined ? undefined : numberBytes(number[1] as string, number[2], extra)
  }
}

function float(value: number, suffix: string | undefined): { readonly type: number; readonly bytes: Buffer } {
  const bytes = Buffer.alloc(suffix === 'i32' ? 4 : 8)
  if (suffix === 'i32') bytes.writeFloatLE(value)
  else bytes.writeDoubleLE(value)
  return { type: suffix === 'i32' ? 5 : 1, bytes }
}

function numberBytes(
  text: string,
  suffix: string | undefined,
  extra: number,
): { type: number; bytes: Buffer } | undefined {
  const isHex = /^-?0x/.test(text)
  if (!isHex && /[.eE]/.test(text)) return suffix === 'z' ? undefined : float(Number(text), suffix)
  if (text.length > 40) return undefined
  const value = text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text)
  if (suffix === undefined) return { type: 0, bytes: varint(value, extra) }
  if (suffix === 'z') return { type: 0, bytes: varint(value < 0n ? -value * 2n - 1n : value * 2n, extra) }
  const bytes = Buffer.alloc(suffix === 'i32' ? 4 : 8)
  if (suffix === 'i32') bytes.writeUInt32LE(Number(BigInt.asUintN(32, value)))
  else bytes.writeBigUInt64LE(BigInt.asUintN(64, value))
  return { type: suffix === 'i32' ? 5 : 1, bytes }
}

/**
 * The bytes that protoscope text stands for; nothing when the text has a mistake.
 *
 * @example
 * encodeProtoscope('1: 42\n2: {"name"}') // <Buffer 08 2a 12 04 6e 61 6d 65>
 */
export function encodeProtoscope(text: string): Buffer | undefined {
  const reader = new Reader(text)
  const bytes = reader.sequence(0)
  return bytes !== undefined && reader.done ? bytes : undefined
}
