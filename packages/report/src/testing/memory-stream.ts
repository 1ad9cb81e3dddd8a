import type { OutputStream } from '../options.ts'

/** A stream that keeps what was written. */
export interface MemoryStream extends OutputStream {
  readonly text: string
}

/** Makes one. */
export function memoryStream(isTTY = false): MemoryStream {
  const parts: string[] = []
  return {
    isTTY,
    write: (text) => parts.push(text),
    get text() {
      return parts.join('')
    },
  }
}
