/**
 * The text of a body, unless it is larger than `maxBytes`: then undefined, and the rest is not read.
 *
 * @example
 * await readLimited(new Response('four').body, 3) // undefined
 */
export async function readLimited(
  body: AsyncIterable<Uint8Array> | null,
  maxBytes: number,
): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.length
    if (size > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
