/**
 * Splits text that comes in pieces into lines. LF and CRLF end a line; a lone CR does too when `loneCr` is set. Text of
 * a line that is not whole is kept without being searched again.
 */
export class LineSplitter {
  readonly #loneCr: boolean
  #rest = ''
  #afterCr = false

  constructor(options: { loneCr: boolean }) {
    this.#loneCr = options.loneCr
  }

  /** Characters of the line that is not whole yet. */
  get pending(): number {
    return this.#rest.length
  }

  push(text: string, onLine: (line: string) => void): void {
    let start = 0
    if (this.#afterCr && text.length > 0) {
      this.#afterCr = false
      if (text.charCodeAt(0) === 10) start = 1
    }
    let cr = this.#loneCr ? text.indexOf('\r', start) : -1
    let lf = text.indexOf('\n', start)
    while (cr !== -1 || lf !== -1) {
      const atCr = cr !== -1 && (lf === -1 || cr < lf)
      const end = atCr ? cr : lf
      let line = this.#rest === '' ? text.slice(start, end) : this.#rest + text.slice(start, end)
      this.#rest = ''
      if (!this.#loneCr && line.charCodeAt(line.length - 1) === 13) line = line.slice(0, -1)
      start = end + 1
      if (atCr) {
        if (start === text.length) this.#afterCr = true
        else if (text.charCodeAt(start) === 10) start += 1
        cr = text.indexOf('\r', start)
      }
      if (lf !== -1 && lf < start) lf = text.indexOf('\n', start)
      onLine(line)
    }
    this.#rest += start === 0 ? text : text.slice(start)
  }

  /** The last line, when the text did not end with a line end. */
  end(onLine: (line: string) => void): void {
    const rest = this.#rest
    this.#rest = ''
    if (rest !== '') onLine(rest)
  }
}
