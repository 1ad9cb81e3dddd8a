import { isUtf8 } from 'node:buffer'

import type { InputIssue } from './vocabulary/issue.ts'

/** The text of a file that must be UTF-8; bytes that are not come back as an issue with their line. */
export function decodeText(
  bytes: Uint8Array,
  file: string,
): { readonly text: string } | { readonly issue: InputIssue } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    const { line, column } = firstBadByte(bytes)
    return {
      issue: {
        code: 'KEPLOY_FORMAT_ENCODING',
        severity: 'error',
        message: 'This file is not UTF-8 text.',
        file,
        line,
        column,
        suggestion: 'Save it as UTF-8; write bytes that are no text as `!!binary`.',
      },
    }
  }
}

function firstBadByte(bytes: Uint8Array): { line: number; column: number } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let line = 1
  for (let start = 0; start < buffer.length; line++) {
    const newline = buffer.indexOf(10, start)
    const end = newline === -1 ? buffer.length : newline + 1
    const part = buffer.subarray(start, end)
    if (!isUtf8(part)) return { line, column: Math.max(part.toString('utf8').indexOf('\ufffd'), 0) + 1 }
    start = end
  }
  return { line, column: 1 }
}
