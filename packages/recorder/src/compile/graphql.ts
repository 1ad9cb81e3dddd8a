import type { HttpExchange } from '@keploy-framework/format'

/** What a GraphQL request asks for: every one goes to the same path, so only this tells them apart. */
export interface GraphqlOperation {
  readonly kind: 'query' | 'mutation' | 'subscription'
  /** The name of the operation, or else its first field. */
  readonly name: string
}

const MAX_BYTES = 256 * 1024
const COMMENT = /#[^\n]*/g
const DOCUMENT = /^(?:query|mutation|subscription|fragment|\{)/
const OPERATION = /(?:^|[\s,}])(query|mutation|subscription)\b(?:\s+([A-Za-z_]\w*))?/g
const FIRST_FIELD = /\{\s*([A-Za-z_]\w*)/

function operationIn(document: string, wanted: unknown): GraphqlOperation | undefined {
  const text = document.replaceAll(COMMENT, '').trim()
  if (!DOCUMENT.test(text)) return undefined
  if (text.startsWith('{')) return { kind: 'query', name: FIRST_FIELD.exec(text)?.[1] ?? 'query' }
  const operations = [...text.matchAll(OPERATION)]
  const found = operations.find(([, , name]) => name !== undefined && name === wanted) ?? operations[0]
  if (found === undefined) return undefined
  const kind = found[1] as GraphqlOperation['kind']
  return { kind, name: found[2] ?? FIRST_FIELD.exec(text.slice(found.index))?.[1] ?? kind }
}

/** The operation of a request that is GraphQL, over POST or GET; nothing for any other request. */
export function graphqlOperation({ request }: HttpExchange): GraphqlOperation | undefined {
  if (request.method === 'GET') {
    const query = new URLSearchParams(request.target.split('?', 2)[1] ?? '')
    return operationIn(query.get('query') ?? '', query.get('operationName'))
  }
  const { bytes, omitted } = request.body
  if (request.method !== 'POST' || omitted || bytes.length > MAX_BYTES) return undefined
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!body.includes('"query"')) return undefined
  try {
    const { query, operationName } = JSON.parse(body.toString('utf8')) as Record<string, unknown>
    return typeof query === 'string' ? operationIn(query, operationName) : undefined
  } catch {
    return undefined
  }
}
