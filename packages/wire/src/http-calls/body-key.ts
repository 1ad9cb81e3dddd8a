import type { Value } from '@keploy-framework/format'

import { bytesOf, textOrBytes } from '../protocol/value.ts'

/** JSON as a tree; numbers that would lose digits stay text. Nothing when it is no JSON. */
function jsonTree(text: string): Value | undefined {
  try {
    if (!/\d{16}|\d[eE]/.test(text)) return JSON.parse(text) as Value
    const exact = (_key: string, value: unknown, context: { readonly source?: string }): unknown =>
      typeof value === 'number' && context.source !== undefined && String(value) !== context.source
        ? context.source
        : value
    return JSON.parse(text, exact as (key: string, value: unknown) => unknown) as Value
  } catch {
    return undefined
  }
}

/** Names and values of a query or a form. A name that stands more than once has a list. */
export function fieldsTree(text: string): Value {
  const fields = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(text)) {
    const before = fields.get(name)
    if (before === undefined) fields.set(name, value)
    else if (typeof before === 'string') fields.set(name, [before, value])
    else before.push(value)
  }
  return Object.fromEntries(fields)
}

/** The parts of a multipart body, without the boundary, which is new each time. */
function partsTree(body: string | Uint8Array, boundary: string): Value | undefined {
  const text = Buffer.from(bytesOf(body)).toString('latin1')
  const pieces = `\r\n${text}`.split(`\r\n--${boundary}`)
  if (pieces.length < 3 || !(pieces.at(-1) ?? '').startsWith('--')) return undefined
  return pieces.slice(1, -1).map((piece) => {
    const end = piece.indexOf('\r\n\r\n')
    const head = end === -1 ? piece : piece.slice(0, end)
    const headers: Record<string, Value> = {}
    for (const line of head.split('\r\n')) {
      const colon = line.indexOf(':')
      if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
    }
    return { headers, body: textOrBytes(Buffer.from(end === -1 ? '' : piece.slice(end + 4), 'latin1')) }
  })
}

/** The media type of a content type, in lower case. */
export function mediaType(contentType: string | undefined): string {
  const semicolon = contentType?.indexOf(';') ?? -1
  return (semicolon === -1 ? (contentType ?? '') : (contentType ?? '').slice(0, semicolon)).trim().toLowerCase()
}

/**
 * What of a body has to be equal: JSON, forms and multipart bodies as trees, so that they are compared leaf by leaf and
 * white space, the order of keys and boundaries do not count; all else as it is.
 */
export function bodyKey(body: Value | undefined, contentType: string | undefined): Value {
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return null
  const type = mediaType(contentType)
  if (typeof body === 'string') {
    if (type === 'application/json' || type.endsWith('+json')) return jsonTree(body) ?? body
    if (type === 'application/x-www-form-urlencoded') return fieldsTree(body)
    // Old clients send JSON without saying so.
    if (type === '' && (body.startsWith('{') || body.startsWith('['))) return jsonTree(body) ?? body
  }
  if (type.startsWith('multipart/')) {
    const boundary = /boundary="?([^";]+)"?/i.exec(contentType ?? '')?.[1]
    if (boundary !== undefined) return partsTree(body, boundary.trim()) ?? body
  }
  return body
}
