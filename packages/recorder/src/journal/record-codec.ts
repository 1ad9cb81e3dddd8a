import { deserialize, serialize } from 'node:v8'

import {
  isRecord,
  type Call,
  type CapturedBody,
  type HttpExchange,
  type StreamItem,
  type Value,
} from '@keploy-framework/format'
import type { ExchangePart } from '@keploy-framework/wire'

import type { JournalRecord } from './journal-record.ts'

// In the head of a record a byte array is its length; the bytes follow in the record's body, in the order in which a
// walk over request, response and stream items meets them. Both walks are written out, because a general replacer costs
// ten times as much on the path of every request.

function stripBody(body: CapturedBody, bodies: Uint8Array[]): unknown {
  if (body.bytes.length > 0) bodies.push(body.bytes)
  return { ...body, bytes: body.bytes.length }
}

function stripItems(items: readonly StreamItem[], bodies: Uint8Array[]): unknown {
  return items.map((item) => {
    if (!('bytes' in item.data)) return item
    bodies.push(item.data.bytes)
    return { ...item, data: { ...item.data, bytes: item.data.bytes.length } }
  })
}

function stripExchange(exchange: HttpExchange, bodies: Uint8Array[]): unknown {
  const { request, response, stream } = exchange
  return {
    ...exchange,
    request: { ...request, body: stripBody(request.body, bodies) },
    ...(response && { response: { ...response, body: stripBody(response.body, bodies) } }),
    ...(stream && { stream: { kind: stream.kind, items: stripItems(stream.items, bodies) } }),
  }
}

function stripPart(part: ExchangePart, bodies: Uint8Array[]): unknown {
  if (part.type === 'request')
    return { ...part, request: { ...part.request, body: stripBody(part.request.body, bodies) } }
  return part.type === 'items' ? { ...part, items: stripItems(part.items, bodies) } : part
}

/** The first byte of a call that was written as JSON; the other form begins with 0xff. */
const BRACE = 0x7b

/** Trees hold bytes at any depth, which the form of `node:v8` keeps; JSON is made and read in a fraction of the time. */
function encodeCall(call: Call): Uint8Array {
  const json = isJson(call.request) && (call.response === undefined || isJson(call.response))
  return json ? Buffer.from(JSON.stringify(call), 'utf8') : serialize(call)
}

function decodeCall(body: Uint8Array): Call {
  if (body[0] !== BRACE) return deserialize(body) as Call
  return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')) as Call
}

/** Whether JSON gives a tree back as it is. */
function isJson(value: Value): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (Array.isArray(value)) return (value as readonly Value[]).every((item) => isJson(item))
  if (!isRecord(value)) return false
  return Object.keys(value).every((key) => isJson(value[key] as Value))
}

/** The JSON head of a record, and the byte arrays that were taken out of it. */
export function splitRecord(record: JournalRecord): { head: string; bodies: readonly Uint8Array[] } {
  const bodies: Uint8Array[] = []
  if (record.type === 'exchange' || record.type === 'close') {
    return { head: JSON.stringify({ ...record, exchange: stripExchange(record.exchange, bodies) }), bodies }
  }
  if (record.type === 'part')
    return { head: JSON.stringify({ ...record, part: stripPart(record.part, bodies) }), bodies }
  if (record.type === 'call') {
    const { type, id, startedAt } = record
    return { head: JSON.stringify({ type, id, startedAt }), bodies: [encodeCall(record.call)] }
  }
  return { head: JSON.stringify(record), bodies }
}

/** Where a byte array goes; its length stands there. */
interface Slot {
  bytes: unknown
}

/** Puts a record together again; its byte arrays are views on `body`. Throws when the head is no JSON. */
export function joinRecord(head: string, body: Uint8Array): JournalRecord {
  const record = JSON.parse(head) as JournalRecord
  if (record.type === 'call') return { ...record, call: decodeCall(body) }
  let at = 0
  const fill = (slot: Slot): void => {
    const length = Number(slot.bytes)
    slot.bytes = body.subarray(at, at + length)
    at += length
  }
  const fillItems = (items: readonly StreamItem[]): void => {
    for (const item of items) if ('bytes' in item.data) fill(item.data)
  }
  if (record.type === 'exchange' || record.type === 'close') {
    fill(record.exchange.request.body)
    if (record.exchange.response) fill(record.exchange.response.body)
    if (record.exchange.stream) fillItems(record.exchange.stream.items)
  } else if (record.type === 'part') {
    if (record.part.type === 'request') fill(record.part.request.body)
    else if (record.part.type === 'items') fillItems(record.part.items)
  }
  return record
}
