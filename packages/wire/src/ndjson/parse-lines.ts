import { DEFAULT_BODY_LIMIT } from '../defaults.ts'
import { LineSplitter } from '../line-splitter.ts'

export interface LineParserOptions {
  /** Characters of one line, default 1 Mi. Past it the parser overflows and tells nothing more. */
  readonly limit?: number
}

/**
 * Parses newline-delimited JSON from chunks of bytes into its lines; empty lines are left out, and the JSON is not
 * looked at.
 *
 * @example
 * const parser = new LineParser()
 * parser.push(Buffer.from('{"a":1}\n{"b"')) // ['{"a":1}']
 */
export class LineParser {
  readonly #decoder = new TextDecoder()
  readonly #lines = new LineSplitter({ loneCr: false })
  readonly #limit: number
  #found: string[] = []
  /** Whether a line was longer than the limit. */
  overflowed = false

  constructor(options: LineParserOptions = {}) {
    this.#limit = options.limit ?? DEFAULT_BODY_LIMIT
  }

  push(chunk: Uint8Array): string[] {
    if (this.overflowed) return []
    this.#lines.push(this.#decoder.decode(chunk, { stream: true }), this.#onLine)
    if (this.#lines.pending > this.#limit) this.overflowed = true
    return this.#take()
  }

  end(): string[] {
    if (this.overflowed) return []
    this.#lines.push(this.#decoder.decode(), this.#onLine)
    this.#lines.end(this.#onLine)
    return this.#take()
  }

  #take(): string[] {
    const found = this.#found
    if (found.length > 0) this.#found = []
    return found
  }

  readonly #onLine = (line: string): void => {
    if (line.length > this.#limit) this.overflowed = true
    else if (line !== '' && !this.overflowed) this.#found.push(line)
  }
}
