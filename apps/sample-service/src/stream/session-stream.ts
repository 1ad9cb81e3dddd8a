import type { Delta } from '../conversation/deltas.ts'
import type { Connection } from '../sockets/connection.ts'
import type { SessionUiState } from '../ui-state/session-ui-state.ts'
import { PAGE, type EventReader } from './event-reader.ts'
import { uiStateFrame } from './server-frames.ts'

export interface SessionStreamOptions {
  connection: Connection
  reader: EventReader
  session_id: string
  /** The place of the last event that the client has; 0 to get all. */
  after: number
  uiState: SessionUiState
  onProblem: (problem: string, error: unknown) => void
}

/** Pieces of answers are left out while this many bytes wait for the client. */
const FULL_BYTES = 64 * 1024

/**
 * What one client that follows a session is told. Events are read from the database behind the one that was sent last,
 * and only when that one has left: a slow client therefore holds one page in memory, loses no event, and gets pieces of
 * answers (which the whole answer repeats) only as far as it keeps up.
 */
export class SessionStream {
  readonly #options: SessionStreamOptions
  #position: number
  /** The last thing that was said. */
  #said: string | undefined
  #started = false
  #pumping = false
  #dirty = false

  constructor(options: SessionStreamOptions) {
    this.#options = options
    this.#position = options.after
  }

  /** Begins with the state of the user interface, if one is known, so that a client finds itself where it was. */
  async start(): Promise<void> {
    const { connection, uiState } = this.#options
    const frame = uiStateFrame(await uiState.read())
    if (Object.keys(frame.state).length > 0) await connection.send(frame).catch(() => {})
    this.#started = true
    this.wake()
  }

  /** There may be new events. */
  wake(): void {
    this.#dirty = true
    if (this.#started && !this.#pumping) void this.#pump()
  }

  /** A piece of an answer that is being written. */
  piece({ event_id, index, text }: Delta): void {
    // Pieces and events come by different ways: a piece may come when its answer was sent already.
    if (!this.#started || event_id === this.#said) return
    this.#options.connection.offer(JSON.stringify({ type: 'delta', event_id, index, text }), FULL_BYTES)
  }

  async #pump(): Promise<void> {
    const { connection, reader, session_id, onProblem } = this.#options
    this.#pumping = true
    try {
      while (this.#dirty && connection.isOpen) {
        this.#dirty = false
        const events = await reader.after(session_id, this.#position)
        for (const { kind, event, sequence } of events) {
          await connection.send(kind === 'agent' ? event : { type: 'event', event })
          this.#position = sequence
          if (kind === 'conversation') this.#said = event.event_id
        }
        if (events.length === PAGE) this.#dirty = true
      }
    } catch (error) {
      // The next heartbeat tries again.
      if (connection.isOpen) onProblem(`streaming session ${session_id} was interrupted`, error)
    } finally {
      this.#pumping = false
    }
  }
}
