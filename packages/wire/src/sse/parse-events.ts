import { DEFAULT_BODY_LIMIT } from '../defaults.ts'
import { LineSplitter } from '../line-splitter.ts'

/** One server-sent event, or a block of comments. Absent fields were not sent. */
export interface ServerSentEvent {
  event?: string
  data?: string
  id?: string
  retry?: string
  comment?: string
}

export interface EventParserOptions {
  /** Characters of one event, default 1 Mi. Past it the parser overflows and tells nothing more. */
  readonly limit?: number
}

/**
 * Parses `text/event-stream` from chunks of bytes: LF, CRLF and CR line ends, a BOM, data of several lines, comments. A
 * block without data (only `id`, only comments) is told too, because it was sent; an event that the stream's end cuts
 * off is told by `end`.
 *
 * @example
 * const parser = new EventParser()
 * parser.push(Buffer.from('id: 1\ndata: hello\n\n')) // [{ id: '1', data: 'hello' }]
 */
export class EventParser {
  readonly #decoder = new TextDecoder()
  readonly #lines = new LineSplitter({ loneCr: true })
  readonly #limit: number
  #event: ServerSentEvent | undefined = undefined
  #size = 0
  #found: ServerSentEvent[] = []
  /** Whether an event was larger than the limit. */
  overflowed = false

  constructor(options: EventParserOptions = {}) {
    this.#limit = options.limit ?? DEFAULT_BODY_LIMIT
  }

  push(chunk: Uint8Array): ServerSentEvent[] {
    if (this.overflowed) return []
    this.#lines.push(this.#decoder.decode(chunk, { stream: true }), this.#onLine)
    if (this.#size + this.#lines.pending > this.#limit) this.#overflow()
    return this.#take()
  }

  end(): ServerSentEvent[] {
    if (this.overflowed) return []
    this.#lines.push(this.#decoder.decode(), this.#onLine)
    this.#lines.end(this.#onLine)
    this.#onLine('')
    return this.#take()
  }

  #take(): ServerSentEvent[] {
    const found = this.#found
    if (found.length > 0) this.#found = []
    return found
  }

  #overflow(): void {
    this.overflowed = true
    this.#event = undefined
  }

  readonly #onLine = (line: string): void => {
    if (this.overflowed) return
    if (line === '') {
      if (this.#event !== undefined) this.#found.push(this.#event)
      this.#event = undefined
      this.#size = 0
      return
    }
    this.#size += line.length + 1
    if (this.#size > this.#limit) {
      this.#overflow()
      return
    }
    const colon = line.indexOf(':')
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1)
    const event = (this.#event ??= {})
    if (name === 'data') event.data = event.data === undefined ? value : `${event.data}\n${value}`
    else if (name === '') event.comment = event.comment === undefined ? value : `${event.comment}\n${value}`
    else if (name === 'event') event.event = value
    else if (name === 'id') event.id = value
    else if (name === 'retry') event.retry = value
  }
}
