import { type Document, splitIntoDocuments } from '../documents/document.ts'
import { FormatError } from '../errors.ts'
import { encodeBody } from '../test-case/body.ts'
import { joinHeaders } from '../test-case/headers.ts'
import { formatTimestamp } from '../test-case/timestamp.ts'
import type { TestResponse } from '../vocabulary/test-case.ts'
import { PlainScalar, isRecord, own, scalarText } from '../yaml/values.ts'
import { removeIn, setIn } from './edit-document.ts'

/** What is to change in a test's file. */
export interface TestCaseUpdate {
  readonly name?: string
  /** Parts of the recorded response that get new values; the others stay. */
  readonly response?: Partial<TestResponse>
}

/**
 * The text of an HTTP test with a new response, as after accepting what the service answers now. Only lines whose value
 * differs are changed, so headers keep their order and their spelling, and comments survive.
 *
 * @throws {FormatError} when the text holds no readable HTTP test.
 * @example
 * const next = updateTestCase(text, { response: { status: 201 } })
 */
export function updateTestCase(text: string, update: TestCaseUpdate, options: { file?: string } = {}): string {
  const documents = splitIntoDocuments(text, options)
  const [document] = documents
  if (document === undefined) throw new FormatError('KEPLOY_FORMAT_NO_VALUE', 'This file has no test to edit.')
  if (document.issue !== undefined) throw new FormatError(document.issue.code, document.issue.message)
  if (document.kind !== 'Http' || !isRecord(own(own(document.model, 'spec'), 'resp'))) {
    throw new FormatError('KEPLOY_FORMAT_KIND', 'Only HTTP tests with a response can be updated.')
  }
  if (update.name !== undefined && update.name !== document.name) setIn(document, ['name'], update.name)
  const { response } = update
  if (response !== undefined) updateResponse(document, response)
  return documents.map(String).join('')
}

function updateResponse(document: Document, response: Partial<TestResponse>): void {
  const at = (key: string): string[] => ['spec', 'resp', key]
  const now = (key: string): unknown => own(own(own(document.model, 'spec'), 'resp'), key)
  if (response.status !== undefined && scalarText(now('status_code')) !== String(response.status)) {
    setIn(document, at('status_code'), response.status)
  }
  if (response.headers !== undefined) updateHeaders(document, joinHeaders(response.headers))
  if (response.body !== undefined) {
    const value = encodeBody(response.body)
    if (!sameBody(now('body'), value)) setIn(document, at('body'), value, { before: ['status_message'] })
    if (response.body.type === 'omitted') {
      setIn(document, at('body_skipped'), true, { before: ['status_message'] })
      setIn(document, at('body_size'), response.body.size, { before: ['status_message'] })
    } else if (now('body_skipped') !== undefined) {
      removeIn(document, at('body_skipped'))
      if (now('body_size') !== undefined) removeIn(document, at('body_size'))
    }
  }
  if (response.statusMessage !== undefined && scalarText(now('status_message')) !== response.statusMessage) {
    setIn(document, at('status_message'), response.statusMessage)
  }
  if (response.timestamp !== undefined) {
    const text = formatTimestamp(response.timestamp)
    // Keploy has time stamps plain; in JSON they are strings.
    setIn(document, at('timestamp'), document.syntax === 'json' ? text : new PlainScalar(text, Number.NaN))
  }
}

function sameBody(old: unknown, next: unknown): boolean {
  if (typeof next === 'string') return old !== undefined && scalarText(old) === next && !(old instanceof Uint8Array)
  return old instanceof Uint8Array && next instanceof Uint8Array && Buffer.compare(old, next) === 0
}

function updateHeaders(document: Document, wanted: Readonly<Record<string, string>>): void {
  const headers = (): Record<string, unknown> => {
    const value = own(own(own(document.model, 'spec'), 'resp'), 'header')
    return isRecord(value) ? value : {}
  }
  const byLower = new Map(Object.keys(wanted).map((name) => [name.toLowerCase(), name]))
  for (const name of Object.keys(headers())) {
    if (!byLower.has(name.toLowerCase())) removeIn(document, ['spec', 'resp', 'header', name])
  }
  const spelled = new Map(Object.keys(headers()).map((name) => [name.toLowerCase(), name]))
  for (const [name, value] of Object.entries(wanted)) {
    const known = spelled.get(name.toLowerCase())
    if (known !== undefined && scalarText(headers()[known]) === value) continue
    setIn(document, ['spec', 'resp', 'header', known ?? name], value)
  }
}
