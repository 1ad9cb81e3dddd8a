import { arrayOf, isObject, type JsonObject, textOf } from '../json.ts'

/** What was asked. */
export type LlmEndpoint = 'chat' | 'responses' | 'embeddings' | 'models' | 'other'

/** One message of a request: its text parts joined. */
export interface LlmMessage {
  readonly role: string
  readonly text: string
}

/** How a request ended. */
export type LlmOutcome =
  /** A script's reply was sent whole. */
  | 'answered'
  /** A script's fault happened. */
  | 'faulted'
  /** No script answered it: the answer was 500. */
  | 'unscripted'
  /** It was not a request of this API: the answer was 4xx. */
  | 'rejected'
  /** A recording answered it. */
  | 'replayed'
  /** The real API answered it. */
  | 'forwarded'
  /** The budget did not allow it. */
  | 'refused'
  /** The client left before it was answered. */
  | 'gone'

/** Tokens that a request used. Cached and reasoning tokens are part of input and output. */
export interface LlmUsage {
  readonly input: number
  readonly output: number
  readonly cached: number
  readonly reasoning: number
}

/** A request that the server got, and what became of it. */
export interface LlmRequest {
  /** Its number in its scope, from 1. */
  readonly number: number
  readonly endpoint: LlmEndpoint
  /** Its number among the requests to this endpoint, from 1. */
  readonly nth: number
  readonly method: string
  /** Without the part in front of `/v1`. */
  readonly path: string
  /** Names in lower case; values of headers that carry keys are replaced by `***`. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed body; `undefined` when it is no JSON object. */
  readonly body: JsonObject | undefined
  readonly model: string | undefined
  readonly stream: boolean
  readonly messages: readonly LlmMessage[]
  /** Names of the tools that are offered. */
  readonly tools: readonly string[]
  /** The how-manieth retry of the official client it is; 0 for the first attempt. */
  readonly retry: number
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The status of the answer; `undefined` as long as there is none. */
  readonly status?: number
  readonly outcome?: LlmOutcome
  readonly usage?: LlmUsage
  /** What it costs in US dollars; `undefined` when the model has no price. */
  readonly usd?: number
}

/** The same while it is being answered. */
export type OpenRequest = { -readonly [Key in keyof LlmRequest]: LlmRequest[Key] }

const secretHeader = /authorization|cookie|api-?key|token|secret/i

/** The headers without secrets. */
export function safeHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const safe: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    safe[name] = secretHeader.test(name) ? '***' : [value].flat().join(', ')
  }
  return safe
}

/** The messages of a request, whichever endpoint it is for. */
export function messagesOf(endpoint: LlmEndpoint, body: JsonObject | undefined): LlmMessage[] {
  if (body === undefined) return []
  if (endpoint === 'chat') return arrayOf(body['messages']).flatMap(readMessage)
  if (endpoint === 'embeddings')
    return [body['input']].flat().map((input) => ({ role: 'input', text: inputText(input) }))
  const instructions = textOf(body['instructions'])
  const first = instructions === undefined ? [] : [{ role: 'system', text: instructions }]
  const input = body['input']
  return typeof input === 'string'
    ? [...first, { role: 'user', text: input }]
    : [...first, ...arrayOf(input).flatMap(readMessage)]
}

function inputText(input: unknown): string {
  return textOf(input) ?? JSON.stringify(input) ?? ''
}

function readMessage(item: unknown): LlmMessage[] {
  if (!isObject(item)) return []
  if (item['type'] === 'function_call_output') return [{ role: 'tool', text: partsText(item['output']) }]
  if (item['type'] === 'function_call') return [{ role: 'assistant', text: textOf(item['arguments']) ?? '' }]
  return [{ role: textOf(item['role']) ?? 'user', text: partsText(item['content']) }]
}

function partsText(content: unknown): string {
  if (typeof content === 'string') return content
  return arrayOf(content)
    .map((part) => (isObject(part) ? (textOf(part['text']) ?? textOf(part['refusal']) ?? '') : (textOf(part) ?? '')))
    .join('')
}

/** The names of the tools that a request offers. */
export function toolsOf(body: JsonObject | undefined): string[] {
  return arrayOf(body?.['tools']).flatMap((tool) => {
    if (!isObject(tool)) return []
    const inner = isObject(tool['function']) ? tool['function'] : tool
    return [textOf(inner['name']) ?? textOf(tool['type']) ?? '']
  })
}
