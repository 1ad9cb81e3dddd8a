import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'

import { resolveInside, type FormPart } from '@keploy-framework/format'

/**
 * Builds a recorded form again. Keploy stores the parts without their boundary; this one is the same on every run.
 *
 * @throws when a file of the form is missing or lies outside of the set
 */
export async function buildMultipart(
  parts: readonly FormPart[],
  directory: string,
  boundary?: string,
): Promise<{ body: Buffer; boundary: string }> {
  const pieces: { head: string; content: Buffer }[] = []
  for (const part of parts) {
    const name = quoted(part.key)
    for (const value of part.values) {
      pieces.push({ head: `Content-Disposition: form-data; name="${name}"\r\n\r\n`, content: Buffer.from(value) })
    }
    for (const path of part.paths) {
      const head = `Content-Disposition: form-data; name="${name}"; filename="${quoted(basename(path))}"\r\nContent-Type: application/octet-stream\r\n\r\n`
      pieces.push({ head, content: await readFile(await resolveInside(directory, path)) })
    }
  }
  const used = boundary ?? freeBoundary(pieces.map((piece) => piece.content))
  const chunks: Buffer[] = []
  for (const { head, content } of pieces) {
    chunks.push(Buffer.from(`--${used}\r\n${head}`), content, Buffer.from('\r\n'))
  }
  chunks.push(Buffer.from(`--${used}--\r\n`))
  return { body: Buffer.concat(chunks), boundary: used }
}

function freeBoundary(contents: readonly Buffer[]): string {
  for (let number = 0; ; number += 1) {
    const boundary = `----keploy-framework-${number}`
    if (!contents.some((content) => content.includes(boundary))) return boundary
  }
}

function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
