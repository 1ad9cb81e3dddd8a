/** A line of a body with the path of the value that begins on it. */
export interface PathLine {
  readonly text: string
  readonly path: string
}

/** JSON as it was written: scalars keep their source text, so that no number loses digits. */
export type JsonNode =
  | { readonly type: 'scalar'; readonly text: string }
  | { readonly type: 'array'; readonly items: readonly JsonNode[] }
  | { readonly type: 'object'; readonly members: readonly (readonly [key: string, value: JsonNode])[] }

const DEPTH = 200
const TOKEN = /\s*([[\]{}:,]|"(?:[^"\\]|\\.)*"|[^\s[\]{}:,"]+)/y

/** The tree of a JSON document; undefined when the text is not JSON, or deeper than anybody reads. */
export function parseJsonNode(text: string): JsonNode | undefined {
  try {
    JSON.parse(text)
    return parseValue(createTokens(text), 0)
  } catch {
    return undefined
  }
}

interface Tokens {
  peek(): string
  next(): string
}

function createTokens(text: string): Tokens {
  let at = 0
  let ahead: string | undefined
  const next = () => {
    if (ahead !== undefined) {
      const token = ahead
      ahead = undefined
      return token
    }
    TOKEN.lastIndex = at
    const found = TOKEN.exec(text)
    at = TOKEN.lastIndex
    return found?.[1] ?? ''
  }
  return { next, peek: () => (ahead ??= next()) }
}

function parseValue(tokens: Tokens, depth: number): JsonNode {
  if (depth > DEPTH) throw new RangeError('too deep')
  const token = tokens.next()
  if (token === '[') return { type: 'array', items: parseList(tokens, ']', () => parseValue(tokens, depth + 1)) }
  if (token !== '{') return { type: 'scalar', text: token }
  const members = parseList(tokens, '}', () => {
    const key = JSON.parse(tokens.next()) as string
    tokens.next()
    return [key, parseValue(tokens, depth + 1)] as const
  })
  return { type: 'object', members }
}

function parseList<T>(tokens: Tokens, end: string, item: () => T): T[] {
  const items: T[] = []
  while (tokens.peek() !== end) {
    items.push(item())
    if (tokens.peek() === ',') tokens.next()
  }
  tokens.next()
  return items
}

/** The same tree with the keys of objects in the order of another one; what the other lacks comes last. */
export function inOrderOf(node: JsonNode, model: JsonNode | undefined): JsonNode {
  if (node.type === 'array') {
    const models = model?.type === 'array' ? model.items : []
    return { type: 'array', items: node.items.map((item, index) => inOrderOf(item, models[index] ?? models[0])) }
  }
  if (node.type === 'scalar') return node
  const order = new Map<string, { readonly rank: number; readonly value: JsonNode }>()
  if (model?.type === 'object') {
    for (const [rank, [key, value]] of model.members.entries()) order.set(key, { rank, value })
  }
  const rank = (key: string) => order.get(key)?.rank ?? order.size
  const sorted = node.members.toSorted(([a], [b]) => rank(a) - rank(b))
  return {
    type: 'object',
    members: sorted.map(([key, value]) => [key, inOrderOf(value, order.get(key)?.value)] as const),
  }
}

/** A tree in lines of two-space indentation, each with its path below `path`. */
export function jsonLines(node: JsonNode, path: string): PathLine[] {
  const lines: PathLine[] = []
  print(node, { path, indent: '', head: '', tail: '' }, lines)
  return lines
}

interface Place {
  readonly path: string
  readonly indent: string
  readonly head: string
  readonly tail: string
}

function print(node: JsonNode, { path, indent, head, tail }: Place, lines: PathLine[]): void {
  const start = indent + head
  if (node.type === 'scalar') {
    lines.push({ text: start + node.text + tail, path })
    return
  }
  const [open, close] = node.type === 'array' ? ['[', ']'] : ['{', '}']
  const children: readonly (readonly [head: string, path: string, node: JsonNode])[] =
    node.type === 'array'
      ? node.items.map((item, index) => ['', `${path}[${index}]`, item] as const)
      : node.members.map(([key, value]) => [`${JSON.stringify(key)}: `, `${path}.${key}`, value] as const)
  if (children.length === 0) {
    lines.push({ text: start + open + close + tail, path })
    return
  }
  lines.push({ text: start + open, path })
  for (const [index, [childHead, childPath, child]] of children.entries()) {
    const childTail = index < children.length - 1 ? ',' : ''
    print(child, { path: childPath, indent: `${indent}  `, head: childHead, tail: childTail }, lines)
  }
  lines.push({ text: indent + close + tail, path })
}
