import type { RedactedBody } from './body.ts'

/** Redacts one part: its content, its content type and the name of its field. */
export type RedactPart = (content: Buffer, contentType: string | undefined, name: string | undefined) => RedactedBody

/** The value of a parameter of a header, quoted or not. */
function parameter(header: string, name: string): string | undefined {
  const match = new RegExp(`[;\\s]${name}=(?:"([^"]{0,200})"|([^;\\s"]{1,200}))`, 'i').exec(header)
  return match?.[1] ?? match?.[2]
}

/** Redacts a multipart body part by part; nothing when the boundary does not fit the bytes. */
export function redactMultipart(body: Buffer, contentType: string, redactPart: RedactPart): RedactedBody | undefined {
  const boundary = parameter(contentType, 'boundary')
  if (!boundary) return undefined
  const mark = Buffer.from(`--${boundary}`, 'latin1')
  let at = body.indexOf(mark)
  if (at === -1) return undefined
  const pieces: Uint8Array[] = []
  let done = 0
  let safe = true
  let changed = false
  while (at !== -1) {
    const next = body.indexOf(mark, at + mark.length)
    const partEnd = next === -1 ? body.length : next
    const headEnd = body.indexOf('\r\n\r\n', at + mark.length)
    if (headEnd !== -1 && headEnd < partEnd) {
      const head = body.toString('utf8', at + mark.length, headEnd)
      const start = headEnd + 4
      const end = next === -1 ? partEnd : Math.max(start, partEnd - 2)
      const disposition = /^content-disposition:.*$/im.exec(head)?.[0] ?? ''
      const type = /^content-type:[ \t]*(.*)$/im.exec(head)?.[1]?.trim()
      const clean = redactPart(body.subarray(start, end), type, parameter(disposition, 'name'))
      safe &&= clean.safe
      if (clean.bytes.length !== end - start || Buffer.compare(clean.bytes, body.subarray(start, end)) !== 0) {
        pieces.push(body.subarray(done, start), clean.bytes)
        done = end
        changed = true
      }
    }
    at = next
  }
  if (!changed) return { bytes: body, safe }
  pieces.push(body.subarray(done))
  return { bytes: Buffer.concat(pieces), safe }
}
