import { isAscii, isUtf8 } from 'node:buffer'

import { applyEdits, type Edit } from './edits.ts'
import { endsInForm } from './find-forms.ts'
import { findInJson } from './find-in-json.ts'
import { findInQuery } from './find-in-query.ts'
import { findInText, isSecretValue, kindOfKey } from './find-in-text.ts'
import { redactMultipart } from './multipart.ts'
import { escapePlaceholders, showPlaceholders } from './placeholders.ts'
import type { Workshop } from './redactor.ts'
import { isGzip, unpackGzip } from './unpack-gzip.ts'

/** What came of a body. */
export interface RedactedBody {
  readonly bytes: Uint8Array
  readonly safe: boolean
}

/** Strings inside strings inside JSON are followed so deep. */
const MAX_NESTING = 4

/** Redacts JSON text; `safe` is false when it is cut inside something that may be a secret. */
export function redactJson(
  raw: string,
  where: string,
  workshop: Workshop,
  nesting = 0,
): { text: string; safe: boolean } {
  // What is nested was escaped with the text around it.
  const text = nesting === 0 ? escapePlaceholders(showPlaceholders(raw)) : raw
  const edits: Edit[] = []
  const sink = workshop.sink(edits, where)
  const nested = (value: string): string => {
    const first = value.trimStart().charCodeAt(0)
    if ((first === 123 || first === 91) && nesting < MAX_NESTING) {
      return redactJson(value, where, workshop, nesting + 1).text
    }
    return workshop.text(value, where)
  }
  const found = findInJson(text, workshop.keys, workshop.paths, sink, nested)
  if (!found.whole) findInText(text, workshop.keys, sink)
  workshop.search(text, edits, where, sink, found)
  return { text: edits.length === 0 ? text : applyEdits(text, edits), safe: !(found.openString && endsInForm(text)) }
}

function isCompressed(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes
  return (
    (a === 0x50 && b === 0x4b && c === 0x03 && d === 0x04) ||
    (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) ||
    (a === 0xfd && b === 0x37 && c === 0x7a && d === 0x58) ||
    (a === 0x42 && b === 0x5a && c === 0x68) ||
    (a === 0x37 && b === 0x7a && c === 0xbc && d === 0xaf) ||
    (a === 0x04 && b === 0x22 && c === 0x4d && d === 0x18)
  )
}

/** Whether gzip holds nothing that would have been replaced had it come by itself. What it holds must not be packed again. */
function isCleanInside(bytes: Uint8Array, where: string, workshop: Workshop): boolean {
  const inside = unpackGzip(bytes)
  if (inside === undefined || isGzip(inside)) return false
  const found = redactBody(inside, undefined, where, workshop)
  return found.safe && found.bytes === inside
}

/** Bytes that are no text are not rewritten, only searched: what is found in them makes them unsafe. */
function searchBinary(bytes: Uint8Array, buffer: Buffer, where: string, workshop: Workshop): RedactedBody {
  if (isCompressed(bytes)) return { bytes, safe: false }
  if (isGzip(bytes) && !isCleanInside(bytes, where, workshop)) return { bytes, safe: false }
  for (const encoding of ['latin1', 'utf16le'] as const) {
    const text = encoding === 'latin1' ? buffer.toString('latin1') : buffer.toString('utf16le')
    const edits: Edit[] = []
    workshop.search(text, edits, where, workshop.sink(edits, where))
    if (edits.length > 0) return { bytes, safe: false }
  }
  return { bytes, safe: true }
}

function looksLikeJson(text: string): boolean {
  for (let i = 0; i < text.length && i < 64; i++) {
    const c = text.charCodeAt(i)
    if (c > 32) return c === 123 || c === 91
  }
  return false
}

const TEXTUAL =
  /^(?:text\/|application\/(?:json|.*\+json|xml|.*\+xml|x-www-form-urlencoded|javascript|x-ndjson|graphql|yaml|x-yaml|toml|sql))/i

/** Whether the bytes hold control characters that text does not have. */
function hasControls(text: string): boolean {
  const end = Math.min(text.length, 4096)
  for (let i = 0; i < end; i++) {
    const c = text.charCodeAt(i)
    if (c < 32 && c !== 10 && c !== 13 && c !== 9 && c !== 12 && c !== 27) return true
  }
  return false
}

/** Redacts a body by what its bytes are, with the content type as a hint. */
export function redactBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  where: string,
  workshop: Workshop,
): RedactedBody {
  if (bytes.length === 0) return { bytes, safe: true }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const type = contentType ?? ''
  if (type.length >= 10 && /^multipart\//i.test(type)) {
    const done = redactMultipart(buffer, type, (part, partType, name) => {
      const place = name === undefined ? where : `${where} field ${name}`
      const kind = name === undefined ? undefined : workshop.keys.of(name)
      if (name === undefined || !kind || !isUtf8(part)) return redactBody(part, partType, place, workshop)
      const value = part.toString('utf8')
      if (!isSecretValue(kind, value)) return { bytes: Buffer.from(escapePlaceholders(value)), safe: true }
      return { bytes: Buffer.from(workshop.registry.place(value, kindOfKey(kind, name), place)), safe: true }
    })
    if (done) return done
  }
  const ascii = isAscii(buffer)
  const utf8 = ascii || isUtf8(buffer)
  const charset = /charset="?utf-?(?:16|32)/i.test(type)
  if (charset || (!utf8 && !TEXTUAL.test(type))) return searchBinary(bytes, buffer, where, workshop)
  const text = ascii || !utf8 ? buffer.toString('latin1') : buffer.toString('utf8')
  if (hasControls(text) && !TEXTUAL.test(type)) return searchBinary(bytes, buffer, where, workshop)
  const clean = redactBodyText(text, type, where, workshop)
  if (clean.text === text) return { bytes, safe: clean.safe }
  return { bytes: Buffer.from(clean.text, utf8 ? 'utf8' : 'latin1'), safe: clean.safe }
}

function redactBodyText(
  text: string,
  type: string,
  where: string,
  workshop: Workshop,
): { text: string; safe: boolean } {
  if (looksLikeJson(text)) return redactJson(text, where, workshop)
  if (/^application\/x-www-form-urlencoded/i.test(type)) {
    const escaped = escapePlaceholders(text)
    const edits: Edit[] = []
    const sink = workshop.sink(edits, where)
    findInQuery(escaped, 0, escaped.length, workshop.keys, sink)
    workshop.search(escaped, edits, where, sink)
    return { text: edits.length === 0 ? escaped : applyEdits(escaped, edits), safe: true }
  }
  if (/json/i.test(type)) return redactJson(text, where, workshop)
  return { text: workshop.text(escapePlaceholders(text), where), safe: true }
}
