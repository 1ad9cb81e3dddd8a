/**
 * Cuts a stream of bytes where documents begin, as it arrives: YAML at `---`, JSON at line ends. A piece holds one
 * document, several where `...` stands between them, or none. Memory holds the piece that is being read and the chunk it
 * ends in.
 */
export async function* cutDocuments(source: AsyncIterable<Uint8Array>, json: boolean): AsyncGenerator<Buffer> {
  const separator = json ? '\n' : '\n---'
  let pending: Buffer | undefined
  for await (const chunk of source) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const before: Buffer = pending === undefined ? bytes : Buffer.concat([pending, bytes])
    // Look back as far as a separator may have begun in the chunk before.
    const known = Math.max(before.length - bytes.length - separator.length - 1, 0)
    let start = 0
    for (let at = before.indexOf(separator, known); at !== -1; at = before.indexOf(separator, at + 1)) {
      if (!json) {
        const after = before[at + 4]
        if (after === undefined) break
        if (after !== 10 && after !== 13 && after !== 32 && after !== 9) continue
      }
      yield before.subarray(start, at + 1)
      start = at + 1
    }
    pending = start === before.length ? undefined : before.subarray(start)
  }
  if (pending !== undefined) yield pending
}

/** How many lines end in a piece. */
export function countLineEnds(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++
  return count
}
