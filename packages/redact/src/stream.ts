/** Text that comes in pieces, redacted over their borders. */
export interface RedactionStream {
  /** Takes a piece; gives what can be shown already. */
  push(chunk: Uint8Array): Uint8Array
  /** Gives the rest. */
  flush(): Uint8Array
}

/** A line longer than this is cut, at a space where it has one. */
const MAX_HELD = 64 * 1024
const NOTHING = new Uint8Array(0)

/**
 * Redacts whole lines: what follows the last line break is held back until its line ends, a key block until its end, and
 * never more than 64 KiB and the longest secret seen.
 */
export function createRedactionStream(redact: (text: string) => string, longest: () => number): RedactionStream {
  // One character per byte, so that cuts never fall inside a character and bytes that are no text survive.
  let held = ''

  function cut(): number {
    let end = held.lastIndexOf('\n') + 1
    const key = held.lastIndexOf('-----BEGIN ', end)
    if (key !== -1 && held.indexOf('-----END ', key) === -1 && held.slice(key, key + 64).includes('PRIVATE KEY')) {
      end = Math.min(end, key)
    }
    if (held.length - end <= MAX_HELD) return end
    const keep = Math.min(longest() + 1, MAX_HELD)
    const latest = held.length - keep
    const space = held.lastIndexOf(' ', latest)
    return Math.max(end, space > end ? space + 1 : latest)
  }

  function release(bytes: string): Uint8Array {
    if (bytes === '') return NOTHING
    const raw = Buffer.from(bytes, 'latin1')
    const text = raw.toString('utf8')
    // Bytes that are no UTF-8 stay one character each; secrets in them are then found where they are ASCII.
    if (text.includes('\ufffd')) return Buffer.from(redact(bytes), 'latin1')
    const clean = redact(text)
    return clean === text ? raw : Buffer.from(clean, 'utf8')
  }

  return {
    push(chunk) {
      held += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1')
      const end = cut()
      if (end <= 0) return NOTHING
      const ready = held.slice(0, end)
      held = held.slice(end)
      return release(ready)
    },
    flush() {
      const rest = held
      held = ''
      return release(rest)
    },
  }
}
