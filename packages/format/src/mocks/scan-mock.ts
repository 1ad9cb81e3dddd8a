import { isUtf8 } from 'node:buffer'

import { isMockKind, isReadableVersion } from '../documents/kinds.ts'
import { headOf, type MockHead } from './mock-head.ts'
import { scanScalar } from './scan-scalar.ts'

const SPACE = 32
const HASH = 35
const DASH = 45
const KEY = /^([A-Za-z_][\w.-]*):(?: +(.*))?$/

/** What a scan reads of a document without understanding the rest of it. */
export interface ScannedMock {
  readonly head: MockHead
  /** The keys of `spec` with their scalars, as far as these stand on one line; `[]` and `{}` as they stand. */
  readonly spec: ReadonlyMap<string, string | undefined>
}

/**
 * Reads the head of a mock from the bytes of its document: kind, name, metadata and time stamps, in the block style that
 * Keploy and this tool write. Nothing for a document that is laid out in another way: it has to be read whole. What stands
 * deeper is not looked at, and may be malformed.
 *
 * @example
 * scanMock(Buffer.from('version: api.keploy.io/v1beta1\nkind: Redis\nname: mock-0\nspec:\n    metadata: {}\n'))?.head.name // 'mock-0'
 */
export function scanMock(bytes: Buffer): ScannedMock | undefined {
  if (!isUtf8(bytes)) return undefined
  const scan = new HeadScan()
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(10, at)
    const end = newline === -1 ? bytes.length : newline
    if (!scan.line(bytes, at, end > at && bytes[end - 1] === 13 ? end - 1 : end)) return undefined
    at = end + 1
  }
  return scan.result()
}

/** Where lines that are indented deeper belong to. */
type Section = 'none' | 'spec' | 'metadata' | 'scalar' | 'other'

class HeadScan {
  readonly #top = new Map<string, string | undefined>()
  readonly #spec = new Map<string, string | undefined>()
  readonly #metadata = new Map<string, string>()
  #section: Section = 'none'
  #specIndent = 0
  #metadataIndent = 0

  /** Takes one line without its line end; false when this is not the layout that a scan understands. */
  line(bytes: Buffer, from: number, to: number): boolean {
    let first = from
    while (first < to && bytes[first] === SPACE) first++
    if (first === to || bytes[first] === HASH) return true
    const indent = first - from
    if (indent === 0) return this.#topLine(bytes, from, to)
    switch (this.#section) {
      case 'other':
        if (this.#specIndent === 0 || indent > this.#specIndent) return true
        break
      case 'none':
        return false
      case 'spec':
        if (this.#specIndent === 0) this.#specIndent = indent
        break
      case 'metadata':
        if (indent <= this.#specIndent) break
        if (this.#metadataIndent === 0) this.#metadataIndent = indent
        return indent === this.#metadataIndent && this.#metadataLine(bytes.toString('utf8', first, to))
      case 'scalar':
        // A value that goes on here is not what its first line says.
        if (indent > this.#specIndent) return false
        break
    }
    if (indent !== this.#specIndent) return false
    // The items of a list may stand as deep as its key.
    if (bytes[first] === DASH && this.#section === 'other') return true
    return this.#specLine(bytes.toString('utf8', first, to))
  }

  result(): ScannedMock | undefined {
    const kind = this.#top.get('kind')
    const version = this.#top.get('version')
    if (!isMockKind(kind) || !isReadableVersion(version) || this.#spec.size === 0) return undefined
    const time = [...this.#spec.keys()].filter((key) => key.toLowerCase() === 'reqtimestampmock')
    const name = this.#top.has('name') ? this.#top.get('name') : ''
    const known = !this.#top.has('connectionId') || this.#top.get('connectionId') !== undefined
    const timeKnown = time.length === 0 || (time.length === 1 && this.#spec.get(time[0]!) !== undefined)
    if (name === undefined || !known || !timeKnown) return undefined
    const head = headOf({
      kind,
      version: version!,
      name,
      metadata: this.#metadata,
      connectionId: this.#top.get('connectionId'),
      requestTime: time.length === 0 ? undefined : this.#spec.get(time[0]!),
    })
    return { head, spec: this.#spec }
  }

  #topLine(bytes: Buffer, from: number, to: number): boolean {
    const text = bytes.toString('utf8', from, to)
    if (/^---[ \t]*$/.test(text)) return this.#top.size === 0
    const [, key, value = ''] = KEY.exec(text) ?? []
    // A second `spec` or a key beside it that opens a block would need all of YAML.
    if (key === undefined || this.#top.has(key)) return false
    if (key === 'spec') {
      this.#top.set(key, '')
      this.#section = 'spec'
      return value.trim() === ''
    }
    this.#top.set(key, scanScalar(value))
    this.#section = 'none'
    return this.#top.get(key) !== undefined
  }

  #specLine(text: string): boolean {
    const [, key, value = ''] = KEY.exec(text) ?? []
    if (key === undefined || this.#spec.has(key)) return false
    const rest = value.trim()
    if (key === 'metadata') {
      this.#spec.set(key, '')
      this.#section = rest === '' ? 'metadata' : 'scalar'
      return rest === '' || rest === '{}'
    }
    const scalar = rest === '' ? undefined : rest === '[]' || rest === '{}' ? rest : scanScalar(value)
    this.#spec.set(key, scalar)
    this.#section = scalar === undefined ? 'other' : 'scalar'
    return true
  }

  #metadataLine(text: string): boolean {
    const [, key, value = ''] = KEY.exec(text) ?? []
    const scalar = scanScalar(value)
    if (key === undefined || key === '__proto__' || scalar === undefined || this.#metadata.has(key)) return false
    this.#metadata.set(key, scalar)
    return true
  }
}
