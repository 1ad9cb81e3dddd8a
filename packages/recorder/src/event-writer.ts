import type { Call, HttpExchange } from '@keploy-framework/format'
import type { Redactor } from '@keploy-framework/redact'
import type { CodecEvent, ExchangePart, OpenedRequest } from '@keploy-framework/wire'

import { DEFAULT_OPEN_AFTER_MS } from './defaults.ts'
import type { Journal } from './journal/open-journal.ts'
import { redactExchange, redactOpened, redactPart } from './redact-exchange.ts'

/** An exchange under way. */
interface Flight {
  readonly id: number
  readonly connection: number
  readonly request: OpenedRequest
  /** When it began, on the clock of this process. */
  readonly since: number
  /** What came before it got records of its own. */
  readonly parts: ExchangePart[]
  /** Its open record is written. */
  written: boolean
  /** How many items of its stream stand in the journal. */
  items: number
}

/** Past events of one recording, counted. */
export interface WriterStats {
  readonly exchanges: number
  readonly open: number
  readonly gaps: number
}

export interface EventWriterOptions {
  /** See {@link DEFAULT_OPEN_AFTER_MS}. */
  readonly openAfterMs?: number
  /** Called with each exchange that closed, redacted. */
  readonly onClose?: (exchange: HttpExchange, unsafe: boolean) => void
  /** Milliseconds on any clock that only goes forward. Default: `performance.now`. */
  readonly now?: () => number
}

/**
 * Turns what codecs tell into records of a journal, redacted. An exchange that closes within a moment is one record; one
 * that stays open, or that streams, gets records for its beginning, its parts and its end.
 */
export class EventWriter {
  readonly #journal: Journal
  readonly #redactor: Redactor
  readonly #openAfter: number
  readonly #now: () => number
  readonly #onClose: EventWriterOptions['onClose']
  readonly #flights = new Map<number, Flight>()
  /** Those without an open record yet, in the order in which they began. */
  readonly #fresh = new Set<Flight>()
  #timer: NodeJS.Timeout | undefined
  #secrets = 0
  #exchanges = 0
  #gaps = 0

  constructor(journal: Journal, redactor: Redactor, options: EventWriterOptions = {}) {
    this.#journal = journal
    this.#redactor = redactor
    this.#openAfter = options.openAfterMs ?? DEFAULT_OPEN_AFTER_MS
    this.#onClose = options.onClose
    this.#now = options.now ?? (() => performance.now())
  }

  stats(): WriterStats {
    return { exchanges: this.#exchanges, open: this.#flights.size, gaps: this.#gaps }
  }

  write(event: CodecEvent): void {
    switch (event.type) {
      case 'open': {
        const flight: Flight = {
          id: event.id,
          connection: event.connection,
          request: event.request,
          since: this.#now(),
          parts: [],
          written: false,
          items: 0,
        }
        this.#flights.set(event.id, flight)
        this.#fresh.add(flight)
        this.#timer ??= this.#arm()
        return
      }
      case 'part': {
        const flight = this.#flights.get(event.id)
        if (!flight) return
        // Clients see the pieces of a stream as they come, so they are in the journal before.
        if (event.part.type === 'items') this.#writeOpen(flight)
        if (flight.written) this.#writePart(flight, event.part)
        else flight.parts.push(event.part)
        return
      }
      case 'close': {
        const flight = this.#flights.get(event.id)
        this.#flights.delete(event.id)
        if (flight) this.#fresh.delete(flight)
        this.#writeClose(event, flight)
        return
      }
      case 'gap':
        this.#gaps++
        this.#journal.append({
          type: 'gap',
          connection: event.connection,
          from: event.from,
          reason: this.#redactor.text(event.reason, 'gap'),
          at: event.at,
        })
    }
  }

  /** A call to a dependency that has ended, redacted. It is with the operating system before the answer that needed it. */
  writeCall(call: Call): void {
    this.#append({ type: 'call', id: call.id, startedAt: call.startedAt, call })
  }

  /** Everything that clients may see now is with the operating system when this returns. */
  flush(): void {
    this.#writeOverdue()
    this.#journal.flush()
  }

  /** Writes what is open and stops. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const flight of this.#fresh) this.#writeOpen(flight)
    this.#journal.flush()
  }

  #arm(): NodeJS.Timeout {
    return setTimeout(() => {
      this.#timer = undefined
      this.flush()
      if (this.#fresh.size > 0) this.#timer = this.#arm()
    }, this.#openAfter).unref()
  }

  #writeOverdue(): void {
    if (this.#fresh.size === 0) return
    const before = this.#now() - this.#openAfter
    for (const flight of this.#fresh) {
      if (flight.since > before) break
      this.#writeOpen(flight)
    }
  }

  #writeOpen(flight: Flight): void {
    if (flight.written) return
    flight.written = true
    this.#fresh.delete(flight)
    const { id, connection, request } = flight
    this.#append({ type: 'open', id, connection, request: redactOpened(this.#redactor, request, id) })
    for (const part of flight.parts.splice(0)) this.#writePart(flight, part)
  }

  #writePart(flight: Flight, part: ExchangePart): void {
    const { value, notes } = redactPart(this.#redactor, part, flight.id)
    if (part.type === 'items') flight.items += part.items.length
    this.#append({ type: 'part', id: flight.id, part: value, ...(notes && { notes }) })
  }

  #writeClose(event: Extract<CodecEvent, { type: 'close' }>, flight: Flight | undefined): void {
    const { exchange } = event
    this.#exchanges++
    const stream = exchange.stream
    const told = flight?.items ?? 0
    const { value, notes } = redactExchange(
      this.#redactor,
      // Items that stand in parts are not written again.
      stream && told > 0 ? { ...exchange, stream: { kind: stream.kind, items: [] } } : exchange,
    )
    const type = flight?.written === true ? 'close' : 'exchange'
    this.#append({ type, id: event.id, exchange: value, ...(notes && { notes }) })
    this.#onClose?.(value, notes?.unsafe === true)
  }

  #append(record: Parameters<Journal['append']>[0]): void {
    this.#journal.append(record)
    if (this.#redactor.secretCount === this.#secrets) return
    const all = this.#redactor.secrets()
    this.#journal.append({ type: 'meta', meta: { secrets: all.slice(this.#secrets) } })
    this.#secrets = all.length
  }
}
