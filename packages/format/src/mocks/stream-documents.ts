import { isUtf8 } from 'node:buffer'

import { splitIntoDocuments, type Document } from '../documents/document.ts'
import { decodeText } from '../text.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import { countLineEnds, cutDocuments } from './cut-documents.ts'

/**
 * Cuts a stream of bytes into documents as they arrive. Memory holds the document that is being read and the chunk it
 * ends in, not the file.
 */
export async function* streamDocuments(
  source: AsyncIterable<Uint8Array>,
  options: { readonly file: string },
): AsyncGenerator<Document | InputIssue> {
  let line = 1
  for await (const bytes of cutDocuments(source, holdsJson(options.file))) {
    yield* documentsIn(bytes, line, options.file)
    line += countLineEnds(bytes)
  }
}

/** Whether the name of a file says that its documents are JSON. */
export function holdsJson(file: string): boolean {
  return /\.(?:json|ndjson)$/i.test(file)
}

/** The documents of a piece of a file that begins on `line`; an issue when the piece is no text. */
export function documentsIn(bytes: Buffer, line: number, file: string): (Document | InputIssue)[] {
  const text = isUtf8(bytes) ? { text: bytes.toString('utf8') } : decodeText(bytes, file)
  if ('issue' in text) return [{ ...text.issue, line: line + (text.issue.line ?? 1) - 1 }]
  // A document that is cut off by `...` inside of the piece makes two.
  return splitIntoDocuments(text.text, { file }).map((document) => (line === 1 ? document : document.movedBy(line - 1)))
}
