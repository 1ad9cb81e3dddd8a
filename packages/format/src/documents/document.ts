import { FormatError } from '../errors.ts'
import { parseJsonExact } from '../json/parse.ts'
import { setScalarInJson } from '../json/set-scalar.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import { loadYaml } from '../yaml/load.ts'
import { LocatedDocument, type PathStep } from '../yaml/locate.ts'
import { type Scalar, setScalarInYaml } from '../yaml/set-scalar.ts'
import { splitDocuments } from '../yaml/split.ts'
import { own, scalarText } from '../yaml/values.ts'

export interface DocumentSource {
  readonly syntax: 'yaml' | 'json'
  readonly file?: string
  /** The line of the file on which `text` begins. */
  readonly line: number
  readonly text: string
  /** The document proper within `text`. */
  readonly body: number
  readonly end: number
}

/**
 * One document of a file, with the text that it was read from. Setting a value changes the characters of that value
 * and nothing else, so comments, order, quoting and line ends of the rest survive.
 *
 * @example
 * const { documents } = parseDocuments('kind: Http\nname: a # first\n', { file: 'a.yaml' })
 * documents[0].setScalar(['name'], 'b')
 * documents[0].toString() // 'kind: Http\nname: b # first\n'
 */
export class Document {
  readonly file: string | undefined
  /** The line on which the document begins, counted from 1. */
  readonly line: number
  readonly syntax: 'yaml' | 'json'
  readonly #source: DocumentSource
  #before: string
  #text: string
  #after: string
  #loaded: { readonly value: unknown } | { readonly issue: InputIssue } | undefined
  #located: LocatedDocument | undefined

  constructor(source: DocumentSource) {
    this.#source = source
    this.file = source.file
    this.syntax = source.syntax
    this.#before = source.text.slice(0, source.body)
    this.#text = source.text.slice(source.body, source.end)
    this.#after = source.text.slice(source.end)
    this.line = source.line + countNewlines(this.#before)
  }

  #load(): { readonly value: unknown } | { readonly issue: InputIssue } {
    const place = { line: this.line, ...(this.file === undefined ? {} : { file: this.file }) }
    this.#loaded ??= this.syntax === 'yaml' ? loadYaml(this.#text, place) : parseJsonExact(this.#text, place)
    return this.#loaded
  }

  /** What the document says, as plain objects and arrays; `null` when it can't be read (see `issue`). */
  get model(): unknown {
    const loaded = this.#load()
    return 'value' in loaded ? loaded.value : null
  }

  /** Why the document can't be read. */
  get issue(): InputIssue | undefined {
    const loaded = this.#load()
    return 'issue' in loaded ? loaded.issue : undefined
  }

  get kind(): string | undefined {
    return scalarText(own(this.model, 'kind'))
  }

  get version(): string | undefined {
    return scalarText(own(this.model, 'version'))
  }

  get name(): string | undefined {
    return scalarText(own(this.model, 'name'))
  }

  /** The same document, as it stands in a file where it begins so many lines further down. */
  movedBy(lines: number): Document {
    return new Document({ ...this.#source, line: this.#source.line + lines })
  }

  /** The document itself, without what the file holds around it. */
  get text(): string {
    return this.#text
  }

  /**
   * Sets one scalar. The new value keeps the quoting of the old one where it can.
   *
   * @throws {FormatError} `KEPLOY_FORMAT_NO_VALUE` when there is no scalar at the path.
   */
  setScalar(path: readonly PathStep[], value: Scalar): void {
    this.replaceText(this.textWithScalar(path, value))
  }

  /** What `text` would be with one scalar set; the document stays as it is. */
  textWithScalar(path: readonly PathStep[], value: Scalar): string {
    const issue = this.issue
    if (issue !== undefined) throw new FormatError(issue.code, issue.message)
    if (this.syntax === 'json') return setScalarInJson(this.#text, path, value)
    return setScalarInYaml(this.located(), path, value)
  }

  /** The document with the places of its values; made once per text. */
  located(): LocatedDocument {
    this.#located ??= new LocatedDocument(this.#text)
    return this.#located
  }

  /** Puts another text in place of the document's own. */
  replaceText(text: string): void {
    this.#text = text
    this.#loaded = undefined
    this.#located = undefined
  }

  /** The slice of the file that this document stands for; all documents' slices in order are the file. */
  toString(): string {
    return this.#before + this.#text + this.#after
  }
}

function countNewlines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++
  return count
}

export interface ParseOptions {
  /** The file's name: it stands in issues, and `.json` decides the syntax. */
  readonly file?: string
}

/** The documents of a text, and what is wrong with those that can't be read. */
export interface ParsedDocuments {
  readonly documents: Document[]
  readonly issues: InputIssue[]
}

/**
 * Cuts a text into documents without reading them: each is read when it is asked for something.
 * Text without any content has no document.
 */
export function splitIntoDocuments(text: string, options: ParseOptions = {}): Document[] {
  const file = options.file === undefined ? {} : { file: options.file }
  if (isJsonFile(options.file)) {
    return splitJson(text).map((slice) => new Document({ ...slice, ...file, syntax: 'json' }))
  }
  return splitDocuments(text).map((slice) => new Document({ ...slice, ...file, syntax: 'yaml' }))
}

/** Reads all documents of a text. Those that are malformed are returned too, with their issue. */
export function parseDocuments(text: string, options: ParseOptions = {}): ParsedDocuments {
  const documents = splitIntoDocuments(text, options)
  const issues = documents.flatMap((document) => document.issue ?? [])
  return { documents, issues }
}

function isJsonFile(file: string | undefined): boolean {
  return file !== undefined && /\.(?:json|ndjson)$/i.test(file)
}

/** A JSON file holds one document, or (as Keploy's mocks) one on each line. */
function splitJson(text: string): { text: string; body: number; end: number; line: number }[] {
  const lines = text.split('\n')
  const full = lines.filter((line) => line.trim() !== '')
  const first = full[0]?.trim() ?? ''
  const perLine = full.length > 1 && first.startsWith('{') && first.endsWith('}') && full[1]!.trim().startsWith('{')
  if (!perLine) {
    return text.trim() === '' ? [] : [{ text, body: text.startsWith('\ufeff') ? 1 : 0, end: text.length, line: 1 }]
  }
  const slices: { text: string; body: number; end: number; line: number }[] = []
  let pending = ''
  lines.forEach((line, index) => {
    const whole = index < lines.length - 1 ? `${line}\n` : line
    const from = pending.length + (index === 0 && whole.startsWith('\ufeff') ? 1 : 0)
    if (line.trim() === '') pending += whole
    else {
      const text = pending + whole
      slices.push({ text, body: from, end: text.length, line: index + 1 - countNewlines(pending) })
      pending = ''
    }
  })
  const last = slices.at(-1)
  if (pending !== '' && last !== undefined) slices[slices.length - 1] = { ...last, text: last.text + pending }
  return slices
}
