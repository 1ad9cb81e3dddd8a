import {
  LineCounter,
  isMap,
  isNode,
  isScalar,
  isSeq,
  parse,
  parseDocument,
  stringify,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml'

import { ConfigError } from './config-error.ts'
import { MAX_ALIASES } from './defaults.ts'
import { copyTree, isTree, newTree, removeAt, setAt, showPath, type Tree } from './tree.ts'

type Path = readonly (string | number)[]

/**
 * Changes one value of a file and nothing else: comments, order, quoting and line ends of the rest stay as they are.
 * `path` is `'test.apiTimeout'`, or a list of keys where one holds a dot. `undefined` takes the key away.
 *
 * @throws {ConfigError} `KEPLOY_CONFIG_EDIT` when the text is not valid YAML or the path runs through something that is not a map.
 * @example
 * editConfig('test:\n  delay: 5 # s\n', 'test.delay', 2) // 'test:\n  delay: 2 # s\n'
 */
export function editConfig(text: string, path: string | Path, value: unknown): string {
  const steps = typeof path === 'string' ? path.split('.') : path
  if (steps.length === 0)
    throw new ConfigError('KEPLOY_CONFIG_EDIT', 'No key was named. Name one, `test.delay` for example.')
  const document = readDocument(text)
  const before = toTree(document)
  const wanted = copyTree(before) as Tree
  if (value === undefined) removeAt(wanted, steps)
  else setAt(wanted, steps, value)
  if (same(before, wanted)) return text
  const spliced = value === undefined ? cut(text, document, steps) : put(text, document, steps, value)
  if (spliced !== undefined && reads(spliced, wanted)) return spliced
  return rewrite(text, document, steps, value)
}

function readDocument(text: string): Document {
  const document = parseDocument(text, { lineCounter: new LineCounter(), keepSourceTokens: true })
  const [error] = document.errors
  if (error) {
    throw new ConfigError('KEPLOY_CONFIG_EDIT', `The file is not valid YAML, so it was not changed: ${error.message}`, {
      cause: error,
    })
  }
  if (document.contents !== null && !isMap(document.contents)) {
    throw new ConfigError(
      'KEPLOY_CONFIG_EDIT',
      'The file does not hold a map of keys to values, so it was not changed.',
    )
  }
  return document
}

function toTree(document: Document): Tree {
  const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
  return isTree(value) ? (copyTree(value) as Tree) : newTree()
}

function reads(text: string, wanted: Tree): boolean {
  try {
    return same(parse(text) as unknown, wanted)
  } catch {
    return false
  }
}

/** Equal as data; the order of keys does not count. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isTree(value)) return value ?? null
  const pairs = Object.keys(value)
    .sort()
    .map((key) => [key, sorted(value[key])])
  return { pairs }
}

/** The pair at a path; as far as the file has it. */
function find(document: Document, path: Path): { pair?: Pair; item?: Node; parent: Node | null; depth: number } {
  let parent: Node | null = document.contents
  for (const [depth, step] of path.entries()) {
    const last = depth === path.length - 1
    if (isMap(parent)) {
      const pair = parent.items.find((item) => keyOf(item) === String(step))
      if (!pair) return { parent, depth }
      if (last) return { pair, parent, depth }
      parent = isNode(pair.value) ? pair.value : null
      if (parent === null || (isScalar(parent) && parent.value === null)) return { pair, parent: null, depth }
    } else if (isSeq(parent) && typeof step === 'number') {
      const item: unknown = parent.items[step]
      if (!isNode(item)) return { parent, depth }
      if (last) return { item, parent, depth }
      parent = item
    } else {
      return { parent, depth }
    }
  }
  return { parent, depth: path.length }
}

function keyOf(pair: Pair): string {
  return String(isScalar(pair.key) ? pair.key.value : pair.key)
}

function put(text: string, document: Document, path: Path, value: unknown): string | undefined {
  const { pair, item, parent, depth } = find(document, path)
  const node = pair ? (isNode(pair.value) ? pair.value : undefined) : item
  // A key without a value on the way (`test:` alone) takes the rest of the path as a block.
  if (pair && depth < path.length - 1) return replace(text, pair, node, nested(path.slice(depth + 1), value))
  if (pair) return replace(text, pair, node, value)
  if (node?.range) return isScalar(node) && !isObject(value) ? splice(text, node, scalar(value, node)) : undefined
  if (parent === null) return append(text, undefined, 0, nested(path, value))
  if (!isMap(parent)) return undefined
  return add(text, document, parent, nested(path.slice(depth), value))
}

function replace(text: string, pair: Pair, node: Node | undefined, value: unknown): string | undefined {
  if (!isNode(pair.key) || !pair.key.range) return undefined
  const indent = column(text, pair.key.range[0])
  if (!node?.range || node.range[0] === node.range[1]) {
    const colon = text.indexOf(':', pair.key.range[1])
    return colon === -1 ? undefined : `${text.slice(0, colon + 1)}${after(value, indent, text)}${text.slice(colon + 1)}`
  }
  if (isScalar(node) && !isObject(value)) return splice(text, node, scalar(value, node))
  if (isFlow(node) && isObject(value) && !isEmpty(node)) return splice(text, node, flow(value))
  const empty = isObject(value) && Object.keys(value).length === 0
  if (isFlow(node) && empty) return splice(text, node, flow(value))
  const colon = text.indexOf(':', pair.key.range[1])
  const end = trimEnd(text, node.range[1])
  // A comment between key and value, or behind the value's start, would be lost: leave that to the slow way.
  if (colon === -1 || text.slice(colon, node.range[0]).includes('#')) return undefined
  return `${text.slice(0, colon + 1)}${after(value, indent, text)}${text.slice(end)}`
}

function add(text: string, document: Document, parent: YAMLMap, value: Tree): string | undefined {
  const lastPair = parent.items.at(-1)
  if (isFlow(parent)) {
    if (parent.items.length > 0) {
      const close = (parent.range?.[1] ?? 0) - 1
      const inner = flow(value).slice(1, -1).trim()
      return `${text.slice(0, close).trimEnd()}, ${inner} ${text.slice(close)}`
    }
    const owner = parent === document.contents ? undefined : ownerOf(document, parent)
    return owner ? replace(text, owner, parent, value) : undefined
  }
  if (!lastPair || !isNode(lastPair.key) || !lastPair.key.range) return append(text, undefined, 0, value)
  const indent = column(text, lastPair.key.range[0])
  const end = isNode(lastPair.value) && lastPair.value.range ? lastPair.value.range[1] : lastPair.key.range[1]
  return append(text, Math.max(end, lastPair.key.range[1]), indent, value)
}

function ownerOf(document: Document, child: Node): Pair | undefined {
  const walk = (node: unknown): Pair | undefined => {
    if (!isMap(node)) return undefined
    for (const pair of node.items) {
      const found = pair.value === child ? pair : walk(pair.value)
      if (found) return found
    }
    return undefined
  }
  return walk(document.contents)
}

/** Puts lines behind the line that holds `offset`, or at the end of the file. */
function append(text: string, offset: number | undefined, indent: number, value: Tree): string {
  const newline = lineEnd(text)
  const lines = block(value, indent, newline)
  if (offset === undefined) {
    const glue = text === '' || text.endsWith('\n') ? '' : newline
    return `${text}${glue}${lines}`
  }
  const at = trimEnd(text, offset)
  const next = text.indexOf('\n', at)
  if (next === -1) return `${text}${newline}${lines.slice(0, -newline.length)}`
  return `${text.slice(0, next + 1)}${lines}${text.slice(next + 1)}`
}

/** Takes out the lines of one key. */
function cut(text: string, document: Document, path: Path): string | undefined {
  const { pair, parent } = find(document, path)
  if (!pair || !isMap(parent) || isFlow(parent) || parent.items.length === 1) return undefined
  if (!isNode(pair.key) || !pair.key.range) return undefined
  const start = text.lastIndexOf('\n', pair.key.range[0] - 1) + 1
  if (text.slice(start, pair.key.range[0]).trim() !== '') return undefined
  const end =
    isNode(pair.value) && pair.value.range
      ? trimEnd(text, Math.max(pair.value.range[1], pair.key.range[1]))
      : pair.key.range[1]
  const next = text.indexOf('\n', end)
  return next === -1 ? text.slice(0, start) : text.slice(0, start) + text.slice(next + 1)
}

/** The slow way: lets the parser write the whole file. Comments stay, spacing may change. */
function rewrite(text: string, document: Document, path: Path, value: unknown): string {
  try {
    if (value === undefined) document.deleteIn(path)
    else document.setIn(path, document.createNode(value))
  } catch (error) {
    throw new ConfigError('KEPLOY_CONFIG_EDIT', `${showPath(path)} cannot be set: a part of the path is not a map.`, {
      cause: error,
    })
  }
  const written = document.toString({ lineWidth: 0 })
  return lineEnd(text) === '\n' ? written : written.replaceAll('\n', '\r\n')
}

function nested(path: Path, value: unknown): Tree {
  const tree = newTree()
  setAt(tree, path, value)
  return tree
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isFlow(node: Node): boolean {
  return (isMap(node) || isSeq(node)) && node.flow === true
}

function isEmpty(node: Node): boolean {
  return (isMap(node) || isSeq(node)) && node.items.length === 0
}

function splice(text: string, node: Node, value: string): string | undefined {
  if (!node.range) return undefined
  return text.slice(0, node.range[0]) + value + text.slice(node.range[1])
}

/** One value on one line, in the quotes that stood there before. */
function scalar(value: unknown, before: Node | undefined): string {
  const type = isScalar(before) ? before.type : undefined
  const quoted = typeof value === 'string' && (type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE')
  const style = quoted ? { defaultStringType: type, defaultKeyType: 'PLAIN' as const } : {}
  const line = stringify(value, { ...style, lineWidth: 0 }).trimEnd()
  return line.includes('\n') ? JSON.stringify(value) : line
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trimEnd()
}

/** What follows the colon of a key. */
function after(value: unknown, indent: number, text: string): string {
  if (!isObject(value)) return ` ${scalar(value, undefined)}`
  if (Object.keys(value).length === 0) return ` ${flow(value)}`
  const newline = lineEnd(text)
  return newline + block(value, indent + indentStep(text), newline).slice(0, -newline.length)
}

function block(value: object, indent: number, newline: string): string {
  const space = ' '.repeat(indent)
  const lines = stringify(value, { lineWidth: 0 }).trimEnd().split('\n')
  return lines.map((line) => (line === '' ? newline : `${space}${line}${newline}`)).join('')
}

function column(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1)
}

function lineEnd(text: string): string {
  return /\r\n/.test(text) ? '\r\n' : '\n'
}

/** Spaces per level, from the first indented line. */
function indentStep(text: string): number {
  return /^( +)[^\s#-]/m.exec(text)?.[1]?.length ?? 2
}

/** Back over the white space that a block value's range may end with. */
function trimEnd(text: string, offset: number): number {
  let end = offset
  while (end > 0 && /\s/.test(text[end - 1] ?? '')) end -= 1
  return end
}
