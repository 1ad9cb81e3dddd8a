import { createHash } from 'node:crypto'

import type { CapturedBody, HttpExchange } from '@keploy-framework/format'

import { graphqlOperation } from './graphql.ts'
import { routeTemplate, targetPath } from './route.ts'

/** Deeper structure does not tell requests apart. */
const MAX_DEPTH = 8
const MAX_BYTES = 256 * 1024

function shape(value: unknown, depth: number): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) {
    if (depth >= MAX_DEPTH) return '[]'
    return `[${[...new Set(value.slice(0, 50).map((one) => shape(one, depth + 1)))].sort().join('|')}]`
  }
  if (typeof value !== 'object') return typeof value
  if (depth >= MAX_DEPTH) return '{}'
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${shape((value as Record<string, unknown>)[key], depth + 1)}`).join(',')}}`
}

function bodyShape(body: CapturedBody | undefined): string {
  if (!body || body.wireSize === 0) return 'none'
  if (body.omitted || body.bytes.length > MAX_BYTES) return 'large'
  const text = Buffer.from(body.bytes.buffer, body.bytes.byteOffset, body.bytes.byteLength).toString('utf8')
  try {
    return shape(JSON.parse(text), 0)
  } catch {
    return 'other'
  }
}

/** What makes two exchanges alike: method, route, names in the query, GraphQL operation, status, and the shapes of both bodies. */
export function signature(exchange: HttpExchange): string {
  const { request, response } = exchange
  const query = request.target.split('?', 2)[1]?.split('#', 1)[0] ?? ''
  const names = [...new Set(query.split('&').map((pair) => pair.split('=', 1)[0] ?? ''))].sort()
  const operation = graphqlOperation(exchange)
  const text = [
    request.method,
    operation === undefined ? '' : `${operation.kind} ${operation.name}`,
    routeTemplate(targetPath(request.target)),
    names.join('&'),
    String(response?.status ?? 0),
    bodyShape(request.body),
    bodyShape(response?.body),
    exchange.stream?.kind ?? '',
  ].join('\n')
  return createHash('sha256').update(text).digest('base64')
}
