import { headerValue } from '@keploy-framework/format'
import type { BodyValue, TestCase } from '@keploy-framework/format'
import { hasDuplicateKeys, jsonParseExact } from '@keploy-framework/match'
import type { JsonValue } from '@keploy-framework/match'

import { compareBytes, compareOmitted } from './compare-bytes.ts'
import { compareJson } from './compare-json.ts'
import type { ActualResponse } from './compare-response.ts'
import { compareText } from './compare-text.ts'
import { multipartParts } from './multipart.ts'
import type { Session } from './session.ts'
import { itemEvents, ndjsonEvents, sseEvents } from './stream-events.ts'
import { textEqualsBytes } from './text-equals-bytes.ts'

/** How many bytes of a body an expression for the whole body is held against. */
const MAX_NOISE_TEXT = 1_000_000

type Kind = 'json' | 'ndjson' | 'sse' | 'form' | 'multipart' | 'text'

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function kindOf(contentType: string, text: string): Kind {
  const type = contentType.toLowerCase()
  if (/ndjson|jsonl|json-lines|x-json-stream/.test(type)) return 'ndjson'
  if (/[/+]json\b/.test(type)) return 'json'
  if (type.startsWith('text/event-stream')) return 'sse'
  if (type.startsWith('application/x-www-form-urlencoded')) return 'form'
  if (type.startsWith('multipart/')) return 'multipart'
  return type === '' && /^\s*[[{]/.test(text) ? 'json' : 'text'
}

/** Compares the bodies by what the recorded one is. */
export function compareBody(session: Session, test: TestCase, actual: ActualResponse): void {
  const { body, headers } = test.response
  const contentType = headerValue(headers, 'content-type') ?? ''
  const mark = session.mark()
  if (body.type === 'text') compareTextBody(session, body, contentType, actual)
  else if (body.type === 'binary') compareBytes(session, body.bytes, actual.body)
  else if (body.type === 'omitted') compareOmitted(session, body, actual)
  else if (body.type === 'stream') compareStreamBody(session, body, actual)
  else if (actual.body.length > 0) {
    const message = `The body has ${actual.body.length} bytes where none were recorded.`
    session.fail({ kind: 'body', path: 'body', expected: '', actual: textOf(actual.body.subarray(0, 1000)), message })
  }
  if (test.stream !== undefined) {
    const expected = test.stream.items.filter(({ from }) => from === 'server')
    const live = (actual.items ?? []).filter(({ from }) => from === 'server')
    compareEvents(session, itemEvents(expected), itemEvents(live))
  }
  if (session.noise.empty || session.failures.length === mark.failures) return
  const rule = session.noise.body([], textOf(actual.body.subarray(0, MAX_NOISE_TEXT)))
  if (rule === undefined) return
  session.forgive(mark)
  session.allow('body', rule)
}

/** Whether every planned value of the recorded body still stands for itself. */
function standsForItself(session: Session): boolean {
  const { bindings } = session
  if (!session.watching) return true
  const mark = session.mark()
  for (const occurrence of bindings.test?.occurrences ?? []) {
    if (!occurrence.where.startsWith('body')) continue
    const mapped = session.mapHosts(occurrence.text)
    if (bindings.expect(mapped, mapped, occurrence) === 'mismatch') {
      session.rollback(mark)
      return false
    }
  }
  return true
}

function compareTextBody(
  session: Session,
  body: Extract<BodyValue, { type: 'text' }>,
  contentType: string,
  actual: ActualResponse,
): void {
  // Equal bytes need no parsing: this is what almost every passing test takes.
  if (textEqualsBytes(body.text, actual.body) && standsForItself(session)) return
  const live = textOf(actual.body)
  const kind = kindOf(contentType, body.text)
  if (kind === 'json') compareJsonText(session, body.text, live, actual)
  else if (kind === 'ndjson') compareEvents(session, ndjsonEvents(body.text), ndjsonEvents(live))
  else if (kind === 'sse') compareEvents(session, sseEvents(body.text), sseEvents(live))
  else if (kind === 'form') compareValues(session, formFields(body.text), formFields(live), body.text, live)
  else if (kind === 'multipart') compareMultipart(session, body, contentType, actual)
  else compareText(session, body.text, live)
}

function compareJsonText(session: Session, expected: string, live: string, actual: ActualResponse): void {
  const recorded = jsonParseExact(expected)
  if (!recorded.ok) {
    compareText(session, expected, live)
    return
  }
  const parsed = jsonParseExact(live)
  if (parsed.ok) {
    const { failures } = session.mark()
    compareValues(session, recorded.value, parsed.value, expected, live)
    if (session.failures.length > failures) return
    // Only now, as it takes time: what says the same to a parser may not say the same.
    if (hasDuplicateKeys(expected, recorded.value) || hasDuplicateKeys(live, parsed.value))
      compareDuplicates(session, expected, live)
    return
  }
  const type = headerValue(actual.headers, 'content-type') ?? 'no content type'
  const message =
    live === ''
      ? 'The body is empty where JSON was recorded.'
      : `The body is not JSON (${parsed.message} at offset ${parsed.offset}; ${type}) where JSON was recorded.`
  session.fail({ kind: 'body', path: 'body', expected: expected.slice(0, 1000), actual: live.slice(0, 1000), message })
}

/** Of a key that stands twice a parser keeps the last value; here each is compared with its counterpart. */
function compareDuplicates(session: Session, expected: string, live: string): void {
  const recorded = jsonParseExact(expected, { duplicates: 'keep' })
  const parsed = jsonParseExact(live, { duplicates: 'keep' })
  if (recorded.ok && parsed.ok) compareValues(session, recorded.value, parsed.value, expected, live)
}

function compareValues(session: Session, expected: JsonValue, actual: JsonValue, text: string, live: string): void {
  if (compareJson(session, expected, actual)) return
  session.allow('body', 'compared as text: nested too deeply')
  compareText(session, text, live)
}

function compareStreamBody(
  session: Session,
  body: Extract<BodyValue, { type: 'stream' }>,
  actual: ActualResponse,
): void {
  if (body.kind === 'raw') {
    const pieces = body.items.map(({ data }) =>
      data.type === 'text' ? Buffer.from(data.text) : data.type === 'binary' ? data.bytes : Buffer.alloc(0),
    )
    const expected = Buffer.concat(pieces)
    const isText = body.items.every(({ data }) => data.type === 'text')
    if (isText) compareText(session, expected.toString('utf8'), textOf(actual.body))
    else compareBytes(session, expected, actual.body)
    return
  }
  const read = body.kind === 'sse' ? sseEvents : ndjsonEvents
  const live = actual.items === undefined ? read(textOf(actual.body)) : itemEvents(actual.items)
  compareEvents(session, itemEvents(body.items), live)
}

function compareEvents(session: Session, expected: JsonValue[], actual: JsonValue[]): void {
  if (compareJson(session, expected, actual, 'stream')) return
  session.allow('body', 'compared as text: nested too deeply')
  compareText(session, JSON.stringify(expected), JSON.stringify(actual))
}

function compareMultipart(
  session: Session,
  body: Extract<BodyValue, { type: 'text' }>,
  contentType: string,
  actual: ActualResponse,
): void {
  const expected = multipartParts(contentType, Buffer.from(body.text))
  const parts = multipartParts(headerValue(actual.headers, 'content-type') ?? '', actual.body)
  if (expected === undefined || parts === undefined) compareText(session, body.text, textOf(actual.body))
  else compareValues(session, expected, parts, body.text, textOf(actual.body))
}

/** The fields of a form: one value, or all of them in order. */
function formFields(text: string): JsonValue {
  const fields = new Map<string, JsonValue>()
  for (const [name, value] of new URLSearchParams(text)) {
    const before = fields.get(name)
    fields.set(name, before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value])
  }
  return Object.fromEntries(fields)
}
