import type { IncomingMessage } from 'node:http'

import { arrayOf, isObject, type JsonObject, textOf } from '../json.ts'
import { type LlmEndpoint, messagesOf, type OpenRequest, safeHeaders, toolsOf } from '../script/llm-request.ts'

/** Where a request goes. */
export interface RequestPlace {
  /** The scope that its URL names; '' for none. */
  readonly scope: string
  /** The path from `/v1` on, with the query. */
  readonly path: string
  readonly endpoint: LlmEndpoint
}

const endpoints: Readonly<Record<string, LlmEndpoint>> = {
  '/v1/chat/completions': 'chat',
  '/v1/responses': 'responses',
  '/v1/embeddings': 'embeddings',
  '/v1/models': 'models',
}

/** Reads the target of a request; `undefined` when it is not under `/v1` or `/t/<scope>/v1`. */
export function placeOf(target: string): RequestPlace | undefined {
  const [, scope, path] = /^(?:\/t\/([^/?#]+))?(\/v1(?:[/?].*)?)$/.exec(target) ?? []
  if (path === undefined) return undefined
  const plain = path.replace(/\?.*$/, '').replace(/\/+$/, '')
  const endpoint = endpoints[plain] ?? (plain.startsWith('/v1/models/') ? 'models' : 'other')
  return { scope: decode(scope ?? ''), path, endpoint }
}

/** Percent escapes undone where they are well-formed. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A body, or what is wrong with it in the words of the API. */
export interface ParsedBody {
  readonly body?: JsonObject
  readonly problem?: string
  readonly param?: string
}

/** Parses a body and checks the fields without which nothing can be answered. */
export function parseBody(endpoint: LlmEndpoint, bytes: Buffer): ParsedBody {
  let body: unknown
  try {
    body = JSON.parse(bytes.toString('utf8'))
  } catch {
    return { problem: 'The body of the request is not valid JSON.' }
  }
  if (!isObject(body)) return { problem: 'The body of the request has to be a JSON object.' }
  if (textOf(body['model']) === undefined || body['model'] === '') {
    return { body, problem: 'The request has to name a model.', param: 'model' }
  }
  if (endpoint === 'chat' && (!Array.isArray(body['messages']) || arrayOf(body['messages']).length === 0)) {
    return { body, problem: '`messages` has to be an array with at least one message.', param: 'messages' }
  }
  if (endpoint === 'embeddings' && (body['input'] === undefined || body['input'] === '')) {
    return { body, problem: '`input` has to be a text or an array.', param: 'input' }
  }
  const count = body['n'] ?? 1
  if (endpoint === 'chat' && !(Number.isInteger(count) && Number(count) >= 1 && Number(count) <= 128)) {
    return { body, problem: '`n` has to be a whole number from 1 to 128.', param: 'n' }
  }
  return { body }
}

/** What is logged of a request, before it is answered. */
export function openRequest(
  incoming: IncomingMessage,
  place: RequestPlace,
  body: JsonObject | undefined,
  order: { readonly number: number; readonly nth: number; readonly at: number },
): OpenRequest {
  return {
    ...order,
    endpoint: place.endpoint,
    method: incoming.method ?? 'GET',
    path: place.path,
    headers: safeHeaders(incoming.headers),
    body,
    model: textOf(body?.['model']),
    stream: body?.['stream'] === true,
    messages: messagesOf(place.endpoint, body),
    tools: toolsOf(body),
    retry: Number(incoming.headers['x-stainless-retry-count'] ?? 0) || 0,
  }
}
