import { open } from 'node:fs/promises'
import { basename } from 'node:path'

import { Document } from '../documents/document.ts'
import type { InputIssue } from '../vocabulary/issue.ts'
import { countLineEnds, cutDocuments } from './cut-documents.ts'
import type { MockHead } from './mock-head.ts'
import { decodeMock, gobIssue, unreadable, type ReadMock } from './read-mocks.ts'
import { scanMock, type ScannedMock } from './scan-mock.ts'
import { documentsIn, holdsJson } from './stream-documents.ts'

/** Bytes that are read at once: nearly all files are one piece, and nothing of them is copied. */
const CHUNK = 512 * 1024 * 1024

/** A mock whose document is kept as bytes, and read when it is asked for. */
export interface IndexedMock {
  /** Absent when the document is no mock: `issues` says why. */
  readonly head?: MockHead
  readonly issues: readonly InputIssue[]
  /** The keys of `spec` with scalars of one line, `[]` and `{}`; absent when the document had to be read whole for its head. */
  readonly scanned?: ScannedMock['spec']
  /** Bytes of its document, roughly. */
  readonly size: number
  /** Reads the document; each time anew. */
  readonly read: () => ReadMock
}

/**
 * Goes through the mocks of a file as `readMocks` does, but reads only what says what they are; of documents that no scan
 * understands, and of the last one, which may be cut off, all. Memory holds the bytes of the file as long as one of its
 * mocks is kept.
 *
 * @example
 * for await (const { head, read } of indexMocks('keploy/test-set-0/mocks.yaml')) if (head?.kind === 'Http') console.log(read())
 */
export async function* indexMocks(file: string): AsyncGenerator<IndexedMock> {
  if (file.endsWith('.gob')) {
    yield failed(gobIssue(file))
    return
  }
  const name = basename(file)
  const json = holdsJson(name)
  let line = 1
  let pending: Buffer | undefined
  try {
    for await (const bytes of cutDocuments(chunksOf(file), json)) {
      if (pending !== undefined) {
        yield* indexPiece(pending, line, name, !json)
        line += countLineEnds(pending)
      }
      pending = bytes
    }
    if (pending !== undefined) yield* indexPiece(pending, line, name, false)
  } catch (error) {
    yield failed(unreadable(file, error))
  }
}

function* indexPiece(bytes: Buffer, line: number, file: string, mayScan: boolean): Generator<IndexedMock> {
  const scanned = mayScan ? scanMock(bytes) : undefined
  if (scanned !== undefined) {
    const { head, spec } = scanned
    yield { head, issues: [], scanned: spec, size: bytes.length, read: () => readAt(bytes, line, file, 0) }
    return
  }
  for (const [index, document] of documentsIn(bytes, line, file).entries()) {
    const { mock, issues } = document instanceof Document ? decodeMock(document) : { issues: [document] }
    yield {
      ...(mock !== undefined && { head: mock }),
      issues,
      size: bytes.length,
      read: () => readAt(bytes, line, file, index),
    }
  }
}

function readAt(bytes: Buffer, line: number, file: string, index: number): ReadMock {
  const document = documentsIn(bytes, line, file)[index]
  if (document === undefined) return { issues: [] }
  return document instanceof Document ? decodeMock(document) : { issues: [document] }
}

function failed(issue: InputIssue): IndexedMock {
  return { issues: [issue], size: 0, read: () => ({ issues: [issue] }) }
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  const handle = await open(file, 'r')
  try {
    let left = (await handle.stat()).size
    for (;;) {
      // One more than there should be tells whether the file has grown.
      const buffer = Buffer.allocUnsafeSlow(Math.min(left + 1, CHUNK))
      let filled = 0
      while (filled < buffer.length) {
        const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled)
        if (bytesRead === 0) break
        filled += bytesRead
      }
      if (filled > 0) yield buffer.subarray(0, filled)
      if (filled < buffer.length) return
      left = Math.max(left - filled, 64 * 1024)
    }
  } finally {
    await handle.close()
  }
}
