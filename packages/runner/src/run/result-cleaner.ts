import type { BodyValue, Failure, ResponseSnapshot, TestResponse, TestResult } from '@keploy-framework/format'
import { fillPlaceholders, placeholderText } from '@keploy-framework/redact'
import type { ActualResponse } from '@keploy-framework/validator'

import { defaults } from '../defaults.ts'

/** What of the redactor results need; a `Redactor` of `@keploy-framework/redact` fits. */
export interface ResultCleaner {
  text(text: string, where: string): string
  target(target: string, where: string): string
  headers(list: readonly (readonly [string, string])[], where: string): readonly (readonly [string, string])[]
  body(bytes: Uint8Array, contentType: string | undefined, where: string): { bytes: Uint8Array; safe: boolean }
}

/** Takes secrets out of a result before anybody sees it. */
export function cleanResult(result: TestResult, cleaner: ResultCleaner): TestResult {
  // Most results are those of passed tests, and hold nothing that could be secret.
  const plain = result.bound.length === 0 && result.failures.length === 0 && result.expected === undefined
  if (plain && !result.path.includes('?')) return result
  const where = `replay of ${result.name}`
  const cleaned: { -readonly [K in keyof TestResult]: TestResult[K] } = { ...result }
  if (result.bound.length > 0) {
    cleaned.bound = result.bound.map((pair) => ({
      ...pair,
      recorded: cleaner.text(pair.recorded, where),
      // A token is a secret whatever it looks like here; its field is gone.
      live: SECRET_FORMS.has(pair.form) ? '(secret)' : cleaner.text(pair.live, where),
    }))
  }
  if (result.path.includes('?')) cleaned.path = asRecorded(cleaner.target(result.path, where))
  // Snapshots first: what they show to be secret by its field is known when the bare values of failures are cleaned.
  if (result.expected !== undefined) {
    const { headers, body, ...rest } = cleanSnapshot(result.expected, cleaner, where)
    const lines = headers.map(([name, value]) => [name, asRecorded(value)] as const)
    cleaned.expected = { ...rest, headers: lines, body: asRecorded(body) }
  }
  if (result.actual !== undefined) cleaned.actual = cleanSnapshot(result.actual, cleaner, where)
  if (result.curl !== undefined) cleaned.curl = cleaner.text(result.curl, where)
  if (result.failures.length > 0)
    cleaned.failures = result.failures.map((failure) => cleanFailure(failure, cleaner, where))
  return cleaned
}

const SECRET_FORMS = new Set(['jwt', 'secret', 'token'])

/** A recording holds placeholders of its own, which are no traffic that has to be escaped. */
function asRecorded(text: string): string {
  return fillPlaceholders(text, placeholderText).text
}

function cleanFailure(failure: Failure, cleaner: ResultCleaner, where: string): Failure {
  const cleaned: { -readonly [K in keyof Failure]: Failure[K] } = { ...failure }
  let { message } = failure
  for (const side of ['expected', 'actual'] as const) {
    if (!(side in failure)) continue
    const before = failure[side]
    let value = cleanValue(before, failure.path, cleaner, where)
    if (side === 'expected' && value !== before && value !== undefined)
      value = JSON.parse(asRecorded(JSON.stringify(value))) as unknown
    cleaned[side] = value
    // The message quotes the value without the field that shows it to be secret.
    if ((typeof before === 'string' || typeof before === 'number') && value !== before && String(before).length >= 3)
      message = message.replaceAll(String(before), () => String(value))
  }
  return { ...cleaned, message: cleaner.text(message, where) }
}

function cleanValue(value: unknown, path: string, cleaner: ResultCleaner, where: string): unknown {
  if (typeof value === 'string' && path.startsWith('header.')) {
    const name = path.slice('header.'.length)
    return cleaner.headers([[name, value]], where)[0]?.[1] ?? value
  }
  const key = /^body.*[.[]"?([^.[\]"]+)"?\]?$/.exec(path.replace(/(?:\[\d+\])+$/, ''))?.[1]
  if ((typeof value === 'string' || typeof value === 'number') && key !== undefined) {
    const field = cleanJson(Object.fromEntries([[key, value]]), cleaner, where)
    return typeof field === 'object' && field !== null ? (Object.values(field)[0] as unknown) : field
  }
  if (typeof value === 'string') return cleaner.text(value, where)
  return typeof value === 'object' && value !== null ? cleanJson(value, cleaner, where) : value
}

function cleanJson(value: object, cleaner: ResultCleaner, where: string): unknown {
  const { bytes, safe } = cleaner.body(Buffer.from(JSON.stringify(value)), 'application/json', where)
  if (!safe) return '(left out: it may hold a secret)'
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return Buffer.from(bytes).toString('utf8')
  }
}

function cleanSnapshot(snapshot: ResponseSnapshot, cleaner: ResultCleaner, where: string): ResponseSnapshot {
  const type = snapshot.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1]
  const { bytes, safe } = cleaner.body(Buffer.from(snapshot.body), type, where)
  return {
    status: snapshot.status,
    headers: cleaner.headers(snapshot.headers, where),
    body: safe ? cut(Buffer.from(bytes).toString('utf8')) : '(left out: it may hold a secret)',
  }
}

/** The recorded side, for reports. */
export function snapshotExpected(response: TestResponse): ResponseSnapshot {
  return { status: response.status, headers: response.headers, body: bodyText(response.body) }
}

/** The live side, for reports. */
export function snapshotActual(actual: ActualResponse): ResponseSnapshot {
  const body =
    actual.items === undefined || actual.items.length === 0
      ? bytesText(actual.body)
      : actual.items.map((item) => itemText(item.data)).join('\n')
  return { status: actual.status, headers: actual.headers, body }
}

function bodyText(body: BodyValue): string {
  switch (body.type) {
    case 'empty':
      return ''
    case 'text':
      return body.text
    case 'binary':
      return bytesText(body.bytes)
    case 'stream':
      return body.items.map((item) => itemText(item.data)).join('\n')
    case 'omitted':
      return `(${body.size} bytes, not recorded)`
    default:
      return body satisfies never
  }
}

function itemText(data: object): string {
  return JSON.stringify(data, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  )
}

function bytesText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return text.includes('\uFFFD') ? `(${bytes.length} bytes that are no text)` : text
}

function cut(text: string): string {
  const limit = defaults.snapshotLimit
  return text.length <= limit ? text : `${text.slice(0, limit)}\n… (${text.length - limit} more characters)`
}
