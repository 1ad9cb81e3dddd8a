import { type Document, splitIntoDocuments } from '../documents/document.ts'
import { FormatError } from '../errors.ts'
import { emitJson } from '../json/emit.ts'
import { findInJson } from '../json/parse.ts'
import type { PathStep } from '../yaml/locate.ts'
import { removeInYaml, setInYaml, type SetInOptions } from '../yaml/set-in.ts'
import { isRecord, own, setOwn } from '../yaml/values.ts'

export interface EditDocumentOptions extends SetInOptions {
  /** The file's name; `.json` decides the syntax. */
  readonly file?: string
}

/**
 * The text of a file with one value of its first document set to a scalar, a list or a mapping, making what is missing
 * on the way. Lines of other values stay as they are; so do comments.
 *
 * @throws {FormatError} `KEPLOY_FORMAT_YAML` when the text can't be read, `KEPLOY_FORMAT_NO_VALUE` when the path leads
 * into a scalar.
 * @example
 * editDocument('tests:\n  a:\n    skip: false # flaky\n', ['tests', 'a', 'skip'], true)
 * // 'tests:\n  a:\n    skip: true # flaky\n'
 */
export function editDocument(
  text: string,
  path: readonly PathStep[],
  value: unknown,
  options: EditDocumentOptions = {},
): string {
  return change(text, options, (document) => setIn(document, path, value, options))
}

/** The text of a file without one value of its first document; unchanged when there is none. */
export function removeFromDocument(text: string, path: readonly PathStep[], options: EditDocumentOptions = {}): string {
  return change(text, options, (document) => removeIn(document, path))
}

function change(text: string, options: EditDocumentOptions, apply: (document: Document) => void): string {
  const documents = splitIntoDocuments(text, options)
  const [document] = documents
  if (document === undefined) throw new FormatError('KEPLOY_FORMAT_NO_VALUE', 'This file has no document to edit.')
  if (document.issue !== undefined) throw new FormatError(document.issue.code, document.issue.message)
  apply(document)
  return documents.map(String).join('')
}

/** Sets a value of a document, making what is missing on the way. */
export function setIn(document: Document, path: readonly PathStep[], value: unknown, options: SetInOptions = {}): void {
  if (document.syntax === 'yaml') {
    document.replaceText(setInYaml(document.located(), path, value, options))
    return
  }
  for (let depth = path.length; depth >= 0; depth--) {
    const head = path.slice(0, depth)
    const span = findInJson(document.text, head)
    if (span === undefined) continue
    const old = head.reduce<unknown>(
      (model, key) => (Array.isArray(model) ? model[Number(key)] : own(model, String(key))),
      document.model,
    )
    const next = withValue(old, path.slice(depth), value)
    document.replaceText(document.text.slice(0, span.start) + emitJson(next) + document.text.slice(span.end))
    return
  }
}

function withValue(model: unknown, path: readonly PathStep[], value: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (Array.isArray(model)) return [...(model as unknown[]), withValue(undefined, rest, value)]
  const copy: Record<string, unknown> = isRecord(model) ? { ...model } : {}
  setOwn(copy, String(step), withValue(own(model, String(step)), rest, value))
  return copy
}

/** Removes a value from a document. */
export function removeIn(document: Document, path: readonly PathStep[]): void {
  if (document.syntax === 'yaml') {
    document.replaceText(removeInYaml(document.located(), path))
    return
  }
  const parent = path.slice(0, -1)
  const span = findInJson(document.text, parent)
  if (span === undefined) return
  const old = parent.reduce<unknown>(
    (model, key) => (Array.isArray(model) ? model[Number(key)] : own(model, String(key))),
    document.model,
  )
  const key = path.at(-1)!
  const next = Array.isArray(old)
    ? old.filter((_, index) => index !== Number(key))
    : Object.fromEntries(Object.entries(old as object).filter(([name]) => name !== String(key)))
  document.replaceText(document.text.slice(0, span.start) + emitJson(next) + document.text.slice(span.end))
}
