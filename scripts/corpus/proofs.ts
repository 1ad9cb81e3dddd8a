import { isDeepStrictEqual } from 'node:util'

import {
  decodeMock,
  decodeTestCase,
  type Document,
  emitYaml,
  type InputIssue,
  loadYaml,
  parseDocuments,
  parseMappings,
  parseReport,
  type PathStep,
  type Scalar,
} from '../../packages/format/src/index.ts'
import { scalarPaths } from './scalar-paths.ts'

export interface Problem {
  readonly line: number
  readonly message: string
}

/** All slices of a file together are the file. */
export function checkFile(text: string, documents: readonly Document[], file: string): Problem[] {
  if (documents.length === 0 || documents.map(String).join('') === text) return []
  return [{ line: 1, message: `the documents of ${file} together are not the file` }]
}

export interface CheckOptions {
  readonly file: string
  /** What the document is to Keploy; `undefined` when it is none of its documents. */
  readonly kind: string | undefined
  /** How many scalars of the document are edited. */
  readonly scalars: number
}

/** Both proofs for one document, and that the reader of its kind accepts it. */
export function checkDocument(document: Document, options: CheckOptions): { problems: Problem[]; edits: number } {
  const at = (message: string): Problem => ({ line: document.line, message })
  if (document.issue !== undefined) {
    return { problems: [{ line: document.issue.line ?? document.line, message: document.issue.message }], edits: 0 }
  }
  const { model } = document
  const problems: Problem[] = []
  const emitted = emitYaml(model)
  const again = loadYaml(emitted)
  if (!('value' in again)) problems.push(at(`what is written from its model is malformed: ${again.issue.message}`))
  else if (!isDeepStrictEqual(again.value, model))
    problems.push(at('what is written from its model reads as another model'))
  for (const issue of readingIssues(document, options)) {
    problems.push({ line: issue.line ?? document.line, message: `${issue.code}: ${issue.message}` })
  }
  let edits = 0
  for (const { path, value } of pick(scalarPaths(model), options.scalars)) {
    const problem = checkEdit(document, path, value)
    edits++
    if (problem !== undefined) problems.push(at(problem))
  }
  return { problems, edits }
}

function readingIssues(document: Document, { kind, file }: CheckOptions): readonly InputIssue[] {
  const errors = (issues: readonly InputIssue[]): readonly InputIssue[] =>
    issues.filter((issue) => issue.severity === 'error')
  if (kind === undefined) return []
  if (kind.startsWith('test ')) return errors(decodeTestCase(document.model, { file, line: document.line }).issues)
  if (kind.startsWith('mock ')) return errors(decodeMock(document).issues)
  if (kind === 'mappings') return errors(parseMappings(document.text, { file }).issues)
  if (kind === 'report') return errors(parseReport(document.text, { file }).issues)
  return []
}

/** Evenly spread, the first and the last among them; the same on every run. */
function pick<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items]
  return Array.from(
    { length: count },
    (_, index) => items[Math.round((index * (items.length - 1)) / Math.max(count - 1, 1))]!,
  )
}

function checkEdit(document: Document, path: readonly PathStep[], old: unknown): string | undefined {
  const where = path.join('.')
  const value = other(old)
  const before = document.text
  let after: string
  try {
    after = document.textWithScalar(path, value)
  } catch (error) {
    return `setting ${where} failed: ${(error as Error).message}`
  }
  const [copy] = parseDocuments(after, document.file === undefined ? {} : { file: document.file }).documents
  const lines = changedLines(before, after)
  if (lines > linesOf(document, path)) return `setting ${where} changed ${lines} lines`
  if (copy!.issue !== undefined) return `setting ${where} made the document malformed: ${copy!.issue.message}`
  if (!isDeepStrictEqual(copy!.model, replaced(document.model, path, value))) {
    return `setting ${where} changed something else as well`
  }
  return undefined
}

function other(old: unknown): Scalar {
  if (typeof old === 'number') return old === 4711 ? 4712 : 4711
  if (typeof old === 'boolean') return !old
  return 'a new: value'
}

/** How many lines the one stretch of text that differs begins or ends on. */
function changedLines(before: string, after: string): number {
  let head = 0
  const shorter = Math.min(before.length, after.length)
  while (head < shorter && before.charCodeAt(head) === after.charCodeAt(head)) head++
  let tail = 0
  const same = (): boolean => before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  while (tail < shorter - head && same()) tail++
  return before.slice(head, before.length - tail).split('\n').length
}

/** On how many lines the value stands: several only for blocks, and for quoted and plain text that is folded. */
function linesOf(document: Document, path: readonly PathStep[]): number {
  if (document.syntax === 'json') return 1
  const { start, end } = document.located().find(path)!.place
  return document.text.slice(start, end).split('\n').length
}

function replaced(model: unknown, path: readonly PathStep[], value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (Array.isArray(model)) {
    return (model as unknown[]).map((item, index) => (index === step ? replaced(item, rest, value) : item))
  }
  const copy = { ...(model as Record<string, unknown>) }
  const next = replaced(copy[String(step)], rest, value)
  Object.defineProperty(copy, String(step), { value: next, enumerable: true, configurable: true, writable: true })
  return copy
}
