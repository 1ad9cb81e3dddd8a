import { isObject, type JsonObject, textOf } from '../json.ts'

/** The form of the text that a request asks for. */
export interface RequestedFormat {
  readonly name?: string
  /** Without one any JSON object will do. */
  readonly schema?: JsonObject
}

/** `response_format` of a chat completion or `text.format` of a response; `undefined` when plain text is fine. */
export function requestedFormat(body: JsonObject | undefined): RequestedFormat | undefined {
  const text = body?.['text']
  const format = body?.['response_format'] ?? (isObject(text) ? text['format'] : undefined)
  if (!isObject(format)) return undefined
  if (format['type'] === 'json_object') return {}
  if (format['type'] !== 'json_schema') return undefined
  const inner = isObject(format['json_schema']) ? format['json_schema'] : format
  const name = textOf(inner['name'])
  return {
    ...(name === undefined ? {} : { name }),
    ...(isObject(inner['schema']) ? { schema: inner['schema'] } : {}),
  }
}
