import { emitJson } from '../json/emit.ts'
import type { StreamItem } from '../vocabulary/exchange.ts'
import type { BodyValue } from '../vocabulary/test-case.ts'
import { RawText } from '../yaml/emit.ts'
import { isRecord, own, scalarNumber, scalarText } from '../yaml/values.ts'
import { formatTimestamp, parseTimestamp } from './timestamp.ts'

/** Reads a body: a string, bytes, a sequence of timed events, or (very old files) a mapping. */
export function decodeBody(value: unknown, contentType: string): BodyValue {
  if (value instanceof Uint8Array) return value.length === 0 ? { type: 'empty' } : { type: 'binary', bytes: value }
  if (Array.isArray(value)) return decodeStream(value, contentType)
  if (isRecord(value)) return { type: 'text', text: emitJson(value) }
  const text = scalarText(value) ?? ''
  return text === '' ? { type: 'empty' } : { type: 'text', text }
}

function decodeStream(events: readonly unknown[], contentType: string): BodyValue {
  const ndjson = /ndjson|jsonl|json-seq/i.test(contentType)
  let sse = /event-stream/i.test(contentType)
  const items: StreamItem[] = events.map((event) => {
    const at = parseTimestamp(scalarText(own(event, 'ts')))
    const data = own(event, 'data')
    const raw = isRecord(data) ? own(data, 'raw') : data
    if (raw instanceof Uint8Array) return { at, from: 'server', data: { type: 'binary', bytes: raw } }
    if (isRecord(data) && !Object.hasOwn(data, 'raw')) {
      sse = true
      return { at, from: 'server', data: decodeSse(data) }
    }
    const text = scalarText(raw) ?? ''
    return { at, from: 'server', data: ndjson ? { type: 'ndjson', line: text } : { type: 'text', text } }
  })
  return { type: 'stream', kind: sse ? 'sse' : ndjson ? 'ndjson' : 'raw', items }
}

const sseFields = ['event', 'data', 'id', 'retry', 'comment'] as const

function decodeSse(data: Record<string, unknown>): StreamItem['data'] {
  const fields: Partial<Record<(typeof sseFields)[number], string>> = {}
  for (const field of sseFields) {
    const text = scalarText(own(data, field))
    if (text !== undefined) fields[field] = text
  }
  return { type: 'sse', ...fields }
}

/** The body as the value of `body:`. A body that is not kept is written as the empty string. */
export function encodeBody(body: BodyValue): unknown {
  switch (body.type) {
    case 'text':
      return body.text
    case 'binary':
      return textOrBytes(body.bytes)
    case 'stream':
      return body.items.map(encodeEvent)
    default:
      return ''
  }
}

/** Bytes that are UTF-8 text are written as text, as Keploy does; `!!binary` only for what is not. */
function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return bytes
  }
}

function encodeEvent({ at, data }: StreamItem): unknown {
  // Keploy has the time of an event as a quoted string.
  const ts = new RawText(`"${formatTimestamp(at)}"`)
  switch (data.type) {
    case 'sse': {
      const fields: Record<string, string> = {}
      for (const field of sseFields) {
        const value = data[field]
        if (value !== undefined) fields[field] = value
      }
      return { ts, data: fields }
    }
    case 'ndjson':
      return { ts, data: { raw: data.line } }
    case 'text':
      return { ts, data: { raw: data.text } }
    case 'binary':
    case 'ping':
    case 'pong':
      return { ts, data: { raw: textOrBytes(data.bytes) } }
    default:
      return { ts, data: { raw: data.reason ?? '' } }
  }
}

/** The size of a body that the file says was not kept; `undefined` when it was. */
export function skippedSize(response: unknown): number | undefined {
  const skipped = own(response, 'body_skipped')
  if (skipped !== true && scalarText(skipped) !== 'true') return undefined
  return scalarNumber(own(response, 'body_size')) ?? 0
}
