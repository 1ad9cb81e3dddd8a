import type { IncomingHttpHeaders } from 'node:http'

import { isObject, type JsonObject } from '../json.ts'
import type { Exchange } from '../server/exchange.ts'

/** Headers that belong to one connection, or that the proxy writes itself. */
const ownHeaders = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Headers of an answer that the proxy does not pass on. */
const answerHeaders = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade', 'trailer'])

/** The headers for the real API: those of the client, with the key that is really meant. */
export function upstreamHeaders(headers: IncomingHttpHeaders, apiKey: string | undefined): [string, string][] {
  const list: [string, string][] = []
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || ownHeaders.has(name)) continue
    if (name === 'authorization' && apiKey !== undefined) continue
    list.push([name, [value].flat().join(', ')])
  }
  if (apiKey !== undefined) list.push(['authorization', `Bearer ${apiKey}`])
  return list
}

/** The headers of an answer as pairs, without those of the connection. */
export function answerPairs(headers: IncomingHttpHeaders): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined || answerHeaders.has(name) ? [] : [[name, [value].flat().join(', ')] as [string, string]],
  )
}

/** A body that asks for the usage of a stream, which costs are read from. */
export interface UsageRequest {
  readonly bytes: Buffer
  /** Whether the client did not ask for it, so that it must not see it. */
  readonly added: boolean
}

/** Adds `stream_options.include_usage` to a streamed chat completion that does not ask for it. */
export function askForUsage({ request, bytes }: Pick<Exchange, 'request' | 'bytes'>): UsageRequest {
  const { body } = request
  if (request.endpoint !== 'chat' || !request.stream || body === undefined || wantsUsage(body)) {
    return { bytes, added: false }
  }
  const options = isObject(body['stream_options']) ? body['stream_options'] : {}
  const asking = { ...body, stream_options: { ...options, include_usage: true } }
  return { bytes: Buffer.from(JSON.stringify(asking)), added: true }
}

/** Whether a client asks for the usage of its stream. */
export function wantsUsage(body: JsonObject | undefined): boolean {
  const options = body?.['stream_options']
  return isObject(options) && options['include_usage'] === true
}
