import type { JsonValue } from '@keploy-framework/match'

import { jsonOrText } from './stream-events.ts'

const LATIN1 = 'latin1'

/** The boundary of a multipart body, from its Content-Type or else from its first line. */
function boundaryOf(contentType: string, body: string): string | undefined {
  const named = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType)
  return named?.[1] ?? named?.[2] ?? /^--([^\r\n]{1,70})\r?\n/.exec(body)?.[1]
}

/** A multipart body as JSON: its parts in order, each with headers and content. Undefined when it is none. */
export function multipartParts(contentType: string, bytes: Uint8Array): JsonValue | undefined {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(LATIN1)
  const boundary = boundaryOf(contentType, body)
  if (boundary === undefined) return undefined
  const pieces = `\r\n${body}`.split(new RegExp(`\\r?\\n--${boundary.replaceAll(/[^\w]/g, String.raw`\$&`)}`))
  if (pieces.length < 3) return undefined
  return pieces.slice(1, -1).map(readPart)
}

function readPart(piece: string): JsonValue {
  const [head = '', ...rest] = piece.replace(/^[ \t]*\r?\n/, '').split(/\r?\n\r?\n/)
  const headers: { [key: string]: JsonValue } = {}
  for (const line of head.split(/\r?\n/)) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
  }
  const content = Buffer.from(piece.slice(piece.length - rest.join('\r\n\r\n').length), LATIN1)
  const text = content.toString('utf8')
  return { headers, content: text.includes('\uFFFD') ? { bytes: content.toString('hex') } : jsonOrText(text) }
}
