import {
  type Document as YamlDocument,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
} from 'yaml'

/** A step into a document: a key of a mapping or an index of a sequence. */
export type PathStep = string | number

/** The place of one value in a text. */
export interface ValuePlace {
  /** Where the value begins; after its key, tag and anchor. */
  readonly start: number
  readonly end: number
  /** The value with its tag, where it has one; otherwise as `start`. */
  readonly tagStart: number
  readonly style: 'plain' | 'single' | 'double' | 'block' | 'empty' | 'alias' | 'collection'
  readonly inFlow: boolean
  /** The value is absent together with its colon: `{a, b}`, or `? a`. */
  readonly withoutColon: boolean
  /** Columns of indentation of the collection that the value stands in. */
  readonly parentIndent: number
}

type Found = { readonly place: ValuePlace; readonly node: Node | null; readonly parent: Node }

/** A document parsed with the place of everything in it. Slow; made only when something is to be edited. */
export class LocatedDocument {
  readonly text: string
  readonly #document: YamlDocument

  constructor(text: string) {
    this.text = text
    this.#document = parseDocument(text, {
      keepSourceTokens: true,
      schema: 'core',
      uniqueKeys: false,
      strict: false,
      logLevel: 'silent',
    })
  }

  /** The root node, for structural edits. */
  get root(): Node | null {
    return this.#document.contents
  }

  /** The place of the value at a path; `undefined` when there is none. */
  find(path: readonly PathStep[]): Found | undefined {
    let node = this.root
    let parent: Node | null = null
    let tokens: Tokens | undefined
    let inFlow = false
    for (const step of path) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isPair(item) && keyText(item.key as Node) === String(step))
        if (pair === undefined) return undefined
        inFlow ||= node.flow === true
        parent = node
        tokens = pairTokens(pair)
        node = pair.value as Node | null
      } else if (isSeq(node)) {
        const index = Number(step)
        if (!Number.isInteger(index) || index < 0 || index >= node.items.length) return undefined
        inFlow ||= node.flow === true
        parent = node
        tokens = tokensOf(itemToken(node, index))
        node = node.items[index] as Node | null
      } else {
        return undefined
      }
    }
    if (parent === null) {
      if (node === null) return undefined
      return { place: this.#place(node, undefined, false, -1), node, parent: node }
    }
    return { place: this.#place(node, tokens, inFlow, indentOf(this.text, parent)), node, parent }
  }

  #place(node: Node | null, tokens: Tokens | undefined, inFlow: boolean, parentIndent: number): ValuePlace {
    const range = node?.range
    const withoutColon = tokens?.withoutColon === true
    if (range === null || range === undefined) {
      const at = tokens?.end ?? this.text.length
      return { start: at, end: at, tagStart: at, style: 'empty', inFlow, withoutColon, parentIndent }
    }
    const [start, end] = range
    const tagStart = tokens?.tagStart ?? start
    const style = styleOf(node!, start, end)
    if (style === 'empty') {
      const at = tokens?.end ?? start
      return { start: at, end: at, tagStart: Math.min(tagStart, at), style, inFlow, withoutColon, parentIndent }
    }
    return { start, end, tagStart: Math.min(tagStart, start), style, inFlow, withoutColon, parentIndent }
  }
}

function styleOf(node: Node, start: number, end: number): ValuePlace['style'] {
  if (isAlias(node)) return 'alias'
  if (!isScalar(node)) return 'collection'
  if (start === end) return 'empty'
  switch (node.type) {
    case 'QUOTE_SINGLE':
      return 'single'
    case 'QUOTE_DOUBLE':
      return 'double'
    case 'BLOCK_LITERAL':
    case 'BLOCK_FOLDED':
      return 'block'
    default:
      return 'plain'
  }
}

function keyText(key: Node | null): string {
  if (!isScalar(key)) return key === null ? 'null' : JSON.stringify(key)
  // The fast reader has keys as text, whatever they look like.
  if (key.type === 'PLAIN' && key.value !== null) return key.source ?? ''
  return key.value === null ? 'null' : (key.value as string)
}

interface Tokens {
  /** Where the tag of the value begins, when it has one. */
  readonly tagStart?: number
  /** Behind the colon or dash (and tag or anchor): where an absent value would stand. */
  readonly end: number
  readonly withoutColon?: boolean
}

interface Token {
  readonly type: string
  readonly offset: number
  readonly source: string
}

function pairTokens(pair: Pair): Tokens | undefined {
  const { sep } = (pair.srcToken ?? {}) as { sep?: Token[] }
  if (sep?.some((token) => token.type === 'map-value-ind') !== true) {
    const end = (pair.key as Node | null)?.range?.[1]
    if (end !== undefined) return { end, withoutColon: true }
  }
  return tokensOf(pair.srcToken)
}

function tokensOf(item: unknown): Tokens | undefined {
  const { start, sep } = (item ?? {}) as { start?: Token[]; sep?: Token[] }
  const tokens = sep ?? start
  if (tokens === undefined) return undefined
  let end: number | undefined
  let tagStart: number | undefined
  for (const token of tokens) {
    if (token.type === 'tag') tagStart = token.offset
    if (['tag', 'anchor', 'map-value-ind', 'seq-item-ind', 'comma'].includes(token.type)) {
      end = token.offset + token.source.length
    }
  }
  if (end === undefined) return undefined
  return tagStart === undefined ? { end } : { end, tagStart }
}

function itemToken(seq: Node, index: number): unknown {
  const items = (seq.srcToken as { items?: unknown[] } | undefined)?.items ?? []
  return items[index]
}

function indentOf(text: string, node: Node): number {
  const token = node.srcToken as { indent?: number; type?: string } | undefined
  if (token?.type === 'flow-collection') {
    const start = node.range?.[0] ?? 0
    const lineStart = text.lastIndexOf('\n', start - 1) + 1
    return text.slice(lineStart).search(/[^ ]/)
  }
  return token?.indent ?? 0
}
