/** How long the body after a head is: so many bytes, or until it ends itself. */
export type BodyLength = number | 'chunked'

/**
 * How long the body of a request is, by the lines of its head.
 *
 * @example
 * bodyLength('Host: a\r\nContent-Length: 3\r\n\r\n') // 3
 */
export function bodyLength(lines: string): BodyLength {
  if (/^Transfer-Encoding:[^\n]*chunked\s*$/im.test(lines)) return 'chunked'
  const length = /^Content-Length:[ \t]*(\d{1,15})\s*$/im.exec(lines)?.[1]
  return length === undefined ? 0 : Number(length)
}

/**
 * Finds where the body of a request ends, without changing or keeping it.
 *
 * @example
 * new BodyScanner(3).take(Buffer.from('abcGET /')) // 3
 */
export class BodyScanner {
  #left: number
  #chunked: boolean
  /** The line that is being read, of a chunked body. */
  #line = ''
  #state: 'size' | 'data' | 'trailer' = 'size'

  constructor(body: BodyLength) {
    this.#chunked = body === 'chunked'
    this.#left = body === 'chunked' ? 0 : body
  }

  get done(): boolean {
    return !this.#chunked && this.#left === 0
  }

  /** How many of these bytes belong to the body. */
  take(bytes: Uint8Array): number {
    if (!this.#chunked) {
      const taken = Math.min(this.#left, bytes.length)
      this.#left -= taken
      return taken
    }
    let at = 0
    while (at < bytes.length && this.#chunked) {
      if (this.#state === 'data') {
        const taken = Math.min(this.#left, bytes.length - at)
        this.#left -= taken
        at += taken
        if (this.#left === 0) this.#state = 'size'
      } else {
        const byte = bytes[at] ?? 0
        at += 1
        if (byte === 10) this.#endLine()
        else if (this.#line.length < 64) this.#line += String.fromCharCode(byte)
      }
    }
    return at
  }

  #endLine(): void {
    const line = this.#line.trim()
    this.#line = ''
    if (this.#state === 'trailer') {
      if (line !== '') return
      this.#chunked = false
      this.#left = 0
      return
    }
    const digits = /^[0-9a-f]{1,12}(?=;|$|\s)/i.exec(line)?.[0]
    // What is no size cannot be followed: the rest of the connection is passed on as it is.
    const size = digits === undefined ? Number.MAX_SAFE_INTEGER : Number.parseInt(digits, 16)
    if (size === 0) this.#state = 'trailer'
    else {
      this.#state = 'data'
      // With the line end after it.
      this.#left = size + 2
    }
  }
}
