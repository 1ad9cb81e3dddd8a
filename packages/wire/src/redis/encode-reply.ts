import type { Value } from '@keploy-framework/format'

import { bytesOf, isTree } from '../protocol/value.ts'
import { entriesOf } from './map-of.ts'
import { textOf } from './text-of.ts'

/** Text as it is written, and what of it has to stay bytes. */
class Output {
  readonly #parts: Uint8Array[] = []
  #text = ''

  write(text: string): void {
    this.#text += text
  }

  /** A string with its length before it. */
  bulk(type: string, value: string | Uint8Array, prefix = ''): void {
    if (typeof value === 'string') {
      this.#text += `${type}${Buffer.byteLength(value) + prefix.length}\r\n${prefix}${value}\r\n`
      return
    }
    this.#parts.push(Buffer.from(`${this.#text}${type}${value.length + prefix.length}\r\n${prefix}`), value)
    this.#text = '\r\n'
  }

  /** A line: whatever would end it early becomes a space. */
  line(type: string, value: Value | undefined): void {
    if (value instanceof Uint8Array) {
      this.#parts.push(Buffer.from(this.#text + type), oneLine(value))
      this.#text = '\r\n'
      return
    }
    const text = textOf(value)
    this.#text += `${type}${/[\r\n]/.test(text) ? text.replaceAll('\r\n', ' ') : text}\r\n`
  }

  bytes(): Buffer {
    if (this.#parts.length === 0) return Buffer.from(this.#text)
    return Buffer.concat([...this.#parts, Buffer.from(this.#text)])
  }
}

function oneLine(bytes: Uint8Array): Uint8Array {
  const at = Buffer.from(bytes).indexOf('\r\n')
  return at === -1 ? bytes : bytes.subarray(0, at)
}

/**
 * Writes a reply of a Redis server. Its tree: text and bytes are bulk strings, numbers integers, lists arrays, `null` is
 * nil and booleans are booleans; all else has a name: `status` (simple string), `error`, `blobError`, `integer` (beyond
 * 2^53), `double`, `bigNumber`, `verbatim` with `format`, `map`, `set`, `push`, `attributes` with `of`, `nil: array` (the
 * null array of RESP2) and `replies` (several, one after the other). What a version has no type for is written with the
 * type that it has in its place: a map in RESP2 is a flat array.
 * Form: https://redis.io/docs/latest/develop/reference/protocol-spec/
 *
 * @example
 * encodeReply({ map: { proto: 3 } }, 2).toString() // '*2\r\n$5\r\nproto\r\n:3\r\n'
 */
export function encodeReply(value: Value, version: 2 | 3): Buffer {
  const output = new Output()
  writeValue(output, value, version)
  return output.bytes()
}

/** Writes a command as clients do: an array of bulk strings. */
export function encodeCommand(words: readonly (string | Uint8Array)[]): Buffer {
  const output = new Output()
  output.write(`*${words.length}\r\n`)
  for (const word of words) output.bulk('$', word)
  return output.bytes()
}

function writeValue(output: Output, value: Value, version: 2 | 3): void {
  if (typeof value === 'string' || value instanceof Uint8Array) output.bulk('$', value)
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) output.write(`:${value}\r\n`)
    else writeTyped(output, { double: String(value) }, version)
  } else if (value === null) output.write(version === 3 ? '_\r\n' : '$-1\r\n')
  else if (typeof value === 'boolean')
    output.write(version === 3 ? `#${value ? 't' : 'f'}\r\n` : `:${value ? 1 : 0}\r\n`)
  else if (isTree(value)) writeTyped(output, value, version)
  else writeList(output, '*', value, version)
}

function writeList(output: Output, type: string, items: readonly Value[], version: 2 | 3): void {
  output.write(`${type}${items.length}\r\n`)
  for (const item of items) writeValue(output, item, version)
}

function writeMap(output: Output, type: string, map: Value, version: 2 | 3): void {
  const entries = entriesOf(map)
  output.write(`${type}${type === '*' ? entries.length * 2 : entries.length}\r\n`)
  for (const [key, item] of entries) {
    writeValue(output, key, version)
    writeValue(output, item, version)
  }
}

function writeTyped(output: Output, tree: { readonly [key: string]: Value }, version: 2 | 3): void {
  const three = version === 3
  const name = Object.keys(tree)[0] ?? ''
  const value = tree[name] ?? null
  switch ('verbatim' in tree ? 'verbatim' : 'attributes' in tree ? 'attributes' : name) {
    case 'status':
      return output.line('+', value)
    case 'error':
      return output.line('-', value)
    case 'integer':
      return output.line(':', value)
    case 'double':
      return three ? output.line(',', value) : output.bulk('$', textOf(value))
    case 'bigNumber':
      return three ? output.line('(', value) : output.bulk('$', textOf(value))
    case 'blobError':
      return three ? output.bulk('!', content(value)) : output.line('-', value)
    case 'verbatim':
      return writeVerbatim(output, tree, version)
    case 'nil':
      return output.write(
        value === '$' ? '$-1\r\n' : value === '_' || (value === 'array' && three) ? '_\r\n' : '*-1\r\n',
      )
    case 'map':
      return writeMap(output, three ? '%' : '*', value, version)
    case 'set':
      return writeList(output, three ? '~' : '*', listOf(value), version)
    case 'push':
      return writeList(output, three ? '>' : '*', listOf(value), version)
    case 'attributes':
      if (three) writeMap(output, '|', tree['attributes'] ?? null, version)
      return writeValue(output, tree['of'] ?? null, version)
    case 'replies':
      for (const reply of listOf(value)) writeValue(output, reply, version)
      return
    default:
      // Edited by hand into something else: still a valid message, which says so.
      return output.line(
        '-',
        `ERR keploy: a recorded answer has the unknown type ${name.slice(0, 40).replaceAll(/\s/g, ' ')}`,
      )
  }
}

function writeVerbatim(output: Output, tree: { readonly [key: string]: Value }, version: 2 | 3): void {
  const text = content(tree['verbatim'] ?? null)
  const format = tree['format']
  if (version === 2) return output.bulk('$', text)
  if (!(format instanceof Uint8Array))
    return output.bulk('=', text, `${(textOf(format) || 'txt').padEnd(3).slice(0, 3)}:`)
  return output.bulk('=', Buffer.concat([format, Buffer.from(':'), bytesOf(text)]))
}

function content(value: Value): string | Uint8Array {
  return typeof value === 'string' || value instanceof Uint8Array ? value : textOf(value)
}

function listOf(value: Value): readonly Value[] {
  return Array.isArray(value) ? (value as readonly Value[]) : []
}
