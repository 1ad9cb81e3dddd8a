import { isUtf8 } from 'node:buffer'

import { Document, splitIntoDocuments } from '../documents/document.ts'
import { decodeText } from '../text.ts'
import type { InputIssue } from '../vocabulary/issue.ts'

/**
 * Cuts a stream of bytes into documents as they arrive. Memory holds the document that is being read and the chunk it
 * ends in, not the file.
 */
export async function* streamDocuments(
  source: AsyncIterable<Uint8Array>,
  options: { readonly file: string },
): AsyncGenerator<Document | InputIssue> {
  const json = /\.(?:json|ndjson)$/i.test(options.file)
  const separator = json ? '\n' : '\n---'
  let pending: Buffer[] = []
  let line = 1
  const emit = function* (bytes: Buffer): Generator<Document | InputIssue> {
    const text = isUtf8(bytes) ? { text: bytes.toString('utf8') } : decodeText(bytes, options.file)
    if ('issue' in text) {
      yield { ...text.issue, line: line + (text.issue.line ?? 1) - 1 }
    } else {
      // A document that is cut off by `...` inside of the piece makes two.
      for (const document of splitIntoDocuments(text.text, options)) yield shifted(document, line - 1)
    }
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) line++
  }
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const before = Buffer.concat([...pending, bytes])
    // Look back as far as a separator may have begun in the chunk before.
    const known = Math.max(before.length - bytes.length - separator.length - 1, 0)
    let start = 0
    for (let at = before.indexOf(separator, known); at !== -1; at = before.indexOf(separator, at + 1)) {
      if (!json) {
        const after = before[at + 4]
        if (after === undefined) break
        if (after !== 10 && after !== 13 && after !== 32 && after !== 9) continue
      }
      yield* emit(before.subarray(start, at + 1))
      start = at + 1
    }
    pending = start === before.length ? [] : [before.subarray(start)]
  }
  if (pending.length > 0) yield* emit(Buffer.concat(pending))
}

function shifted(document: Document, by: number): Document {
  return by === 0 ? document : document.movedBy(by)
}
