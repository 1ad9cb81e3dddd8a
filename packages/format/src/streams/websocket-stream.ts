import { readFile } from 'node:fs/promises'

import { generatedBy } from '../defaults.ts'
import { parseDocuments } from '../documents/document.ts'
import { FormatError } from '../errors.ts'
import { resolveInside } from '../sets/resolve-inside.ts'
import { formatTimestamp, parseTimestamp } from '../test-case/timestamp.ts'
import { decodeText } from '../text.ts'
import type { StreamItem } from '../vocabulary/exchange.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import type { TestStream } from '../vocabulary/test-case.ts'
import { emitYaml, RawText } from '../yaml/emit.ts'
import { own, scalarNumber, scalarText } from '../yaml/values.ts'

const streamVersion = 'keploy-framework.io/v1'
const streamKind = 'WebSocketStream'

/** Writes a conversation as the text of a file in `streams/`. */
export function formatStream(name: string, stream: TestStream): string {
  const items = stream.items.map(({ at, from, data }) => ({
    ts: new RawText(formatTimestamp(at)),
    from,
    ...encodeMessage(data),
  }))
  return `${generatedBy}\n${emitYaml({ version: streamVersion, kind: streamKind, name, items })}`
}

function encodeMessage(data: StreamItem['data']): Record<string, unknown> {
  switch (data.type) {
    case 'text':
      return { text: data.text }
    case 'ndjson':
      return { text: data.line }
    case 'sse':
      return { text: data.data ?? '' }
    case 'binary':
    case 'ping':
    case 'pong':
      return { [data.type]: data.bytes }
    default:
      return {
        close: {
          ...(data.code === undefined ? {} : { code: data.code }),
          ...(data.reason === undefined ? {} : { reason: data.reason }),
        },
      }
  }
}

export interface ReadStream {
  readonly stream?: TestStream
  readonly issues: InputIssue[]
}

/** Reads the text of a conversation. */
export function parseStream(text: string, file: string): ReadStream {
  const { documents, issues } = parseDocuments(text, { file })
  const model = documents[0]?.model
  if (issues.length > 0) return { issues }
  if (scalarText(own(model, 'version')) !== streamVersion || scalarText(own(model, 'kind')) !== streamKind) {
    return { issues: [problem(file, `This is not a ${streamKind} of version ${streamVersion}.`)] }
  }
  const items = own(model, 'items')
  const decoded = Array.isArray(items) ? items.flatMap(decodeItem) : []
  if (!Array.isArray(items) || decoded.length !== items.length) {
    return { issues: [problem(file, 'A message of this conversation is not well-formed.')] }
  }
  return { stream: { kind: 'websocket', items: decoded }, issues: [] }
}

function decodeItem(model: unknown): StreamItem[] {
  const from = scalarText(own(model, 'from'))
  if (from !== 'client' && from !== 'server') return []
  const data = decodeMessage(model)
  return data === undefined ? [] : [{ at: parseTimestamp(scalarText(own(model, 'ts'))), from, data }]
}

function decodeMessage(model: unknown): StreamItem['data'] | undefined {
  const text = own(model, 'text')
  if (text !== undefined) return { type: 'text', text: scalarText(text) ?? '' }
  for (const type of ['binary', 'ping', 'pong'] as const) {
    const bytes = own(model, type)
    if (bytes instanceof Uint8Array) return { type, bytes }
    if (bytes !== undefined) return { type, bytes: Buffer.from(scalarText(bytes) ?? '') }
  }
  const close = own(model, 'close')
  if (close === undefined) return undefined
  const code = scalarNumber(own(close, 'code'))
  const reason = scalarText(own(close, 'reason'))
  return {
    type: 'close',
    ...(code === undefined ? {} : { code }),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Reads a conversation that a sidecar names; `undefined` when it names none. */
export async function readStream(setDirectory: string, file: string | undefined): Promise<ReadStream | undefined> {
  if (file === undefined) return undefined
  try {
    const decoded = decodeText(await readFile(await resolveInside(setDirectory, file)), file)
    return 'issue' in decoded ? { issues: [decoded.issue] } : parseStream(decoded.text, file)
  } catch (error) {
    if (error instanceof FormatError) return { issues: [problem(file, error.message, error.code)] }
    return { issues: [problem(file, `The conversation can't be read: ${(error as Error).message}.`)] }
  }
}

function problem(file: string, message: string, code = 'KEPLOY_FORMAT_STREAM'): InputIssue {
  return { code, severity: 'error', message, file }
}
