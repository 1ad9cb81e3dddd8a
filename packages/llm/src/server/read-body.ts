import type { IncomingMessage } from 'node:http'

/** The bytes of a request, or why there are none. */
export type ReadBody = { readonly bytes: Buffer } | { readonly tooLarge: true } | { readonly gone: true }

/** Reads a request's body whole, up to `limit` bytes; of a larger one the rest is read and thrown away. */
export async function readBody(request: IncomingMessage, limit: number): Promise<ReadBody> {
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of request as AsyncIterable<Buffer>) {
      size += piece.length
      if (size <= limit) pieces.push(piece)
      else pieces.length = 0
    }
  } catch {
    return { gone: true }
  }
  return size > limit ? { tooLarge: true } : { bytes: Buffer.concat(pieces) }
}
