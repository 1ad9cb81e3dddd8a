import { entityOfKey } from '../forms/key-context.ts'
import { jsonParseExact } from '../json/parse-exact.ts'

/** An argument that stands in the text of a query: the `4` of `Book(id: 4)`. */
export interface GraphqlLiteral {
  /** Offsets in the query; of a string without its quotes. */
  readonly start: number
  readonly end: number
  readonly text: string
  readonly key: string
  readonly entity: string | undefined
}

/** What a GraphQL request says about the values it carries. */
export interface GraphqlRequest {
  /** False for a query, which only reads. */
  readonly changes: boolean
  readonly query: string
  readonly literals: readonly GraphqlLiteral[]
  /** Fields by the names that the query gives them: `mine: Book(id: 4)`. */
  readonly aliases: ReadonlyMap<string, string>
  /** Whose id a field of the variables is: `key` under `parent`. */
  entityOf(key: string | undefined, parent: string | undefined): string | undefined
}

interface Use {
  readonly field: string
  readonly argument: string
}

const START = /^(?:[\s,]|#[^\n]*\n)*(?:\{|(?:query|mutation|subscription|fragment)\b)/
const CHANGES = /(?:^|[}\s,])(?:mutation|subscription)\b/
const TOKEN = /#[^\n]*|"""[^]*?"""|"(?:[^"\\\n]|\\.)*"|[A-Za-z_]\w*|-?\d[\d.eE+-]*|[$:(){}[\]=]/g
const NAME = /^[A-Za-z_]/

/** Reads arguments: which variables stand in which, and what stands there itself. And the fields behind aliases. */
function readArguments(query: string): Pick<GraphqlRequest, 'aliases' | 'literals'> & { uses: Map<string, Use> } {
  const aliases = new Map<string, string>()
  const uses = new Map<string, Use>()
  const literals: GraphqlLiteral[] = []
  const fields: string[] = []
  let name = ''
  let argument = ''
  let list = 0
  let before = ''
  let variable = false
  for (const match of query.matchAll(TOKEN)) {
    const [token] = match
    if (token.startsWith('#')) continue
    const field = fields.at(-1)
    const valued = field !== undefined && (before === ':' || list > 0)
    if (token === '(') fields.push(name)
    else if (token === ')') fields.pop()
    else if (token === '[') list++
    else if (token === ']') list = Math.max(0, list - 1)
    else if (token === ':') argument = name
    else if (token === '$') variable = valued
    else if (NAME.test(token)) {
      if (before === '$' && variable && field !== undefined && !uses.has(token)) uses.set(token, { field, argument })
      else if (before === ':' && field === undefined) aliases.set(name, token)
      name = token
    } else if (valued && /^["\d-]/.test(token) && !token.startsWith('"""')) {
      const quote = token.startsWith('"') ? 1 : 0
      const start = match.index + quote
      const end = match.index + token.length - quote
      const entity = entityOfKey(argument, field, undefined)
      literals.push({ start, end, text: query.slice(start, end), key: argument, entity })
    }
    before = token
  }
  return { aliases, uses, literals }
}

/** What a JSON body asks for when it is a GraphQL request; undefined for any other. */
export function readGraphql(text: string): GraphqlRequest | undefined {
  if (!text.includes('"query"')) return undefined
  const parsed = jsonParseExact(text)
  const body = parsed.ok && typeof parsed.value === 'object' ? (parsed.value as Record<string, unknown> | null) : null
  const query = body !== null && Object.hasOwn(body, 'query') ? body['query'] : undefined
  if (typeof query !== 'string' || !START.test(query)) return undefined
  const { aliases, uses, literals } = readArguments(query)
  return {
    changes: CHANGES.test(query),
    query,
    literals,
    aliases,
    entityOf(key, parent) {
      if (key === undefined || parent === undefined) return undefined
      const use = uses.get(parent === 'variables' ? key : parent)
      return use === undefined
        ? undefined
        : entityOfKey(parent === 'variables' ? use.argument : key, use.field, undefined)
    },
  }
}
