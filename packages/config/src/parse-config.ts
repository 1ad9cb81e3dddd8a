import type { InputIssue } from '@keploy-framework/format'
import {
  LineCounter,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  parseDocument,
  type Document,
  type Node,
} from 'yaml'

import { MAX_ALIASES, MAX_FILE_BYTES } from './defaults.ts'
import { copyTree, isTree, newTree, type Tree } from './tree.ts'

/** Where something stands in a file, counted from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A file as it was read: plain values, and where each of them stands. */
export interface ParsedFile {
  readonly tree: Tree
  readonly issues: readonly InputIssue[]
  /** Where the value at a path stands, or the nearest part of the file that holds it. */
  locate(path: readonly (string | number)[], what?: 'key' | 'value'): Position | undefined
}

export interface ParseOptions {
  /** Name of the file in problems. */
  readonly file?: string
}

/** Reads YAML into plain values. Problems are data; on a problem of syntax the tree is empty. */
export function parseYaml(text: string, options: ParseOptions = {}): ParsedFile {
  const file = options.file === undefined ? {} : { file: options.file }
  const failed = (issue: Omit<InputIssue, 'severity' | 'file'>): ParsedFile => ({
    tree: newTree(),
    issues: [{ severity: 'error', ...issue, ...file }],
    locate: () => undefined,
  })
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) {
    return failed({
      code: 'KEPLOY_CONFIG_TOO_LARGE',
      message: `The configuration is larger than ${MAX_FILE_BYTES / 1_048_576} MiB.`,
      suggestion: 'Check that this is the right file: a configuration is a few kilobytes long.',
    })
  }
  try {
    return parseChecked(text, file, failed)
  } catch (error) {
    // A parser that recurses gives up on very deep nesting; anything else it throws is also about this text.
    if (error instanceof ReferenceError) {
      return failed({
        code: 'KEPLOY_CONFIG_ALIAS',
        message: `The configuration repeats values by alias more than ${MAX_ALIASES} times.`,
        suggestion: ALIAS_HINT,
      })
    }
    const reason =
      error instanceof RangeError ? 'it is nested too deeply' : error instanceof Error ? error.message : String(error)
    return failed({ code: 'KEPLOY_CONFIG_SYNTAX', message: `The configuration cannot be read: ${reason}.` })
  }
}

const ALIAS_HINT = 'Write the value out instead of repeating it by an alias.'

type Failed = (issue: Omit<InputIssue, 'severity' | 'file'>) => ParsedFile

function parseChecked(text: string, file: { file?: string }, failed: Failed): ParsedFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true, uniqueKeys: true })
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  // One slip in the syntax makes the parser complain several times: only the first complaint is about the slip.
  const syntax = document.errors.find((error) => error.code !== 'DUPLICATE_KEY')
  const issues = (syntax ? [syntax] : document.errors).map((error): InputIssue => {
    const duplicate = error.code === 'DUPLICATE_KEY'
    const issue: InputIssue = {
      code: duplicate ? 'KEPLOY_CONFIG_DUPLICATE_KEY' : 'KEPLOY_CONFIG_SYNTAX',
      severity: 'error',
      message: duplicate ? 'A key stands twice in the same section.' : `Not valid YAML: ${sentence(error.message)}`,
      suggestion: duplicate ? 'Remove one of the two, or put both under one key.' : yamlHint(error.code),
    }
    return Object.assign(issue, file, at(error.pos[0]))
  })
  if (issues.length > 0) return { tree: newTree(), issues, locate: () => undefined }
  const alias = badAlias(document)
  if (alias) {
    return failed({
      code: 'KEPLOY_CONFIG_ALIAS',
      message: alias.message,
      ...at(alias.offset),
      suggestion: ALIAS_HINT,
    })
  }
  const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
  if (value === null || value === undefined) return { tree: newTree(), issues: [], locate: () => undefined }
  if (!isTree(value)) {
    return failed({
      code: 'KEPLOY_CONFIG_TYPE',
      message: 'The configuration must be a map of keys to values.',
      line: 1,
      column: 1,
      suggestion: 'Start with `command: npm start`, for example.',
    })
  }
  return {
    tree: copyTree(value) as Tree,
    issues: [],
    locate: (path, what = 'value') => {
      const offset = offsetOf(document, path, what)
      return offset === undefined ? undefined : at(offset)
    },
  }
}

function sentence(message: string): string {
  const line = message.split('\n', 1)[0] ?? message
  return /[.!?]$/.test(line) ? line : `${line}.`
}

function yamlHint(code: string): string {
  if (code === 'TAB_AS_INDENT') return 'Indent with spaces.'
  if (code === 'BAD_INDENT' || code === 'BLOCK_IN_FLOW') return 'Check the indentation of this line and the one above.'
  if (code === 'MISSING_CHAR') return 'Check that every quote and bracket is closed.'
  if (code === 'IMPOSSIBLE' || code === 'BLOCK_AS_IMPLICIT_KEY') return 'Put quotes around a value that holds `: `.'
  return 'Check quotes, colons and indentation around this place.'
}

/** An alias without an anchor, or one that stands inside of what it repeats. */
function badAlias(document: Document): { message: string; offset: number } | undefined {
  const walk = (node: unknown, above: readonly Node[]): { message: string; offset: number } | undefined => {
    if (isPair(node)) return walk(node.key, above) ?? walk(node.value, above)
    if (isAlias(node)) {
      const target = node.resolve(document)
      const offset = node.range?.[0] ?? 0
      if (target === undefined) return { message: `The alias *${node.source} has no anchor.`, offset }
      return above.includes(target)
        ? { message: `The alias *${node.source} repeats what it stands in.`, offset }
        : undefined
    }
    if (!isCollection(node)) return undefined
    const inside = [...above, node]
    for (const item of node.items) {
      const bad = walk(item, inside)
      if (bad) return bad
    }
    return undefined
  }
  return walk(document.contents, [])
}

function offsetOf(document: Document, path: readonly (string | number)[], what: 'key' | 'value'): number | undefined {
  let node: unknown = document.contents
  let offset: number | undefined
  for (const [index, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    let next: unknown
    if (isMap(node)) {
      const pair = node.items.find((item) => String(isNode(item.key) ? item.key.toJSON() : item.key) === String(step))
      if (!pair) return offset
      const keyOffset = isNode(pair.key) ? pair.key.range?.[0] : undefined
      const wanted = what === 'value' || index < path.length - 1
      offset = (wanted && isNode(pair.value) ? pair.value.range?.[0] : undefined) ?? keyOffset ?? offset
      next = pair.value
    } else if (isCollection(node) && typeof step === 'number') {
      next = node.items[step]
      offset = (isNode(next) ? next.range?.[0] : undefined) ?? offset
    } else {
      return offset
    }
    node = next
  }
  return offset
}
