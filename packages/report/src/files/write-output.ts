import { once } from 'node:events'
import type { EventEmitter } from 'node:events'

import type { OutputStream } from '../options.ts'

const PIECE = 64 * 1024

/** Joins small pieces, so that a document of thousands of them is not written in thousands of system calls. */
export function* inPieces(parts: Iterable<string>): Generator<string> {
  let pending = ''
  for (const part of parts) {
    pending += part
    if (pending.length < PIECE) continue
    yield pending
    pending = ''
  }
  if (pending !== '') yield pending
}

/** Writes a document to a stream, no faster than the stream takes it. */
export async function writeToStream(stream: OutputStream, parts: Iterable<string>): Promise<void> {
  for (const piece of inPieces(parts)) {
    const taken = stream.write(piece)
    if (taken === false && stream.once) await once(stream as unknown as EventEmitter, 'drain')
  }
}
