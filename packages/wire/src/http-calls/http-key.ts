import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import { bodyKey, fieldsTree } from './body-key.ts'
import { headerIn, headerLines, isCredential } from './header-tree.ts'

/**
 * Headers that are not compared: what the client library says of itself, what traces, dates or signs one request, and
 * what caches ask. All others are, since a header such as `X-Tenant` may change what an API answers.
 */
const NOT_COMPARED = new Set([
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'baggage',
  'b3',
  'cache-control',
  'content-encoding',
  'content-md5',
  'date',
  'digest',
  'forwarded',
  'host',
  'idempotency-key',
  'if-modified-since',
  'if-none-match',
  'origin',
  'pragma',
  'priority',
  'proxy-authenticate',
  'purpose',
  'referer',
  'request-id',
  'sentry-trace',
  'signature',
  'signature-input',
  'traceparent',
  'tracestate',
  'upgrade',
  'upgrade-insecure-requests',
  'user-agent',
  'via',
  'x-client-request-id',
  'x-cloud-trace-context',
  'x-correlation-id',
  'x-csrf-token',
  'x-real-ip',
  'x-request-id',
  'x-request-start',
  'x-retry-count',
  'x-timestamp',
  'x-trace-id',
  'x-xsrf-token',
  // Of the connection; they stand in documents of others.
  'connection',
  'content-length',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
])

const NOT_COMPARED_PREFIXES = [
  'sec-',
  'x-amz-',
  'x-amzn-',
  'x-b3-',
  'x-datadog-',
  'x-forwarded-',
  'x-elastic-client-meta',
  'x-goog-api-client',
  'x-ms-client-',
  'x-stainless-',
]

function isCompared(name: string): boolean {
  if (NOT_COMPARED.has(name) || isCredential(name)) return false
  // What an API of Amazon is asked to do stands in a header.
  return name === 'x-amz-target' || !NOT_COMPARED_PREFIXES.some((prefix) => name.startsWith(prefix))
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/

/**
 * The host as it is compared: lower case, without the port that goes without saying. Loopback addresses are those of
 * relays, and differ from run to run: what they lead to is the dependency of the call.
 */
export function hostKey(host: string): string {
  const lower = host.toLowerCase()
  if (LOOPBACK.test(lower)) return ''
  return lower.replace(/:(?:80|443)?$/, '')
}

/** What of the headers of a request has to be equal, names in lower case. */
export function headersKey(headers: Value | undefined): Value {
  const found: [string, string][] = []
  for (const [name, value] of headerLines(headers)) {
    const lower = name.toLowerCase()
    // Anything is what a client takes that says nothing.
    if (!isCompared(lower) || (lower === 'accept' && value === '*/*')) continue
    const bare =
      lower === 'content-type' && /^\s*multipart\//i.test(value) ? (value.split(';')[0] as string).trim() : value
    found.push([lower, bare.includes(',') ? bare.split(/\s*,\s*/).join(', ') : bare])
  }
  return Object.fromEntries(found)
}

/** A request that names no host at all, as a document of Keploy: it may have gone anywhere. */
export function withoutHost(request: Value): readonly string[] {
  return isTree(request) && (request['host'] === '' || request['host'] === undefined) ? ['host'] : []
}

/** What has to be the same for a recorded answer to answer a request. */
export function httpKey(request: Value): Value {
  if (!isTree(request)) return request
  const target = typeof request['target'] === 'string' ? request['target'] : ''
  const mark = target.indexOf('?')
  const contentType = headerIn(request['headers'], 'content-type')
  return {
    method: request['method'] ?? '',
    host: hostKey(typeof request['host'] === 'string' ? request['host'] : ''),
    path: mark === -1 ? target : target.slice(0, mark),
    ...(mark !== -1 && { query: fieldsTree(target.slice(mark + 1)) }),
    headers: headersKey(request['headers']),
    body: bodyKey(request['body'], contentType),
  }
}
