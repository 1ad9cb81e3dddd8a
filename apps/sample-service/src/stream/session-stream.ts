import type { WebSocket } from 'ws'

import type { Delta } from '../conversation/deltas.ts'
import type { PostgresSessionStore, StoredEvent } from '../sessions/postgres-session-store.ts'

export interface SessionStreamOptions {
  socket: WebSocket
  store: PostgresSessionStore
  session_id: string
  /** The last event that the client has. Without one it gets all. */
  after: StoredEvent | undefined
  /** When the token of the client expires, in milliseconds since 1970. */
  expiresAt: number
  onProblem: (problem: string, error: unknown) => void
}

/** How many events are read at once. */
const PAGE = 100
/** Pieces of answers are left out while this many bytes wait for the client. */
const FULL_BYTES = 64 * 1024
/** A code of our own (RFC 6455 leaves 4000 to 4999 to applications), with the number that HTTP uses. */
const CLOSE_TOKEN_EXPIRED = 4401

/**
 * One client that follows one session. Events are read from the database behind the one that was sent last, and only
 * when that one has left: a slow client therefore holds one page in memory, loses no event, and gets pieces of answers
 * (which the whole answer repeats) only as far as it keeps up.
 */
export class SessionStream {
  readonly #options: SessionStreamOptions
  #position: number
  #last: string | undefined
  #pumping = false
  #dirty = false
  #alive = true

  constructor(options: SessionStreamOptions) {
    this.#options = options
    this.#position = options.after?.sequence ?? 0
    this.#last = options.after?.event.event_id
    options.socket.on('pong', () => (this.#alive = true))
  }

  /** There may be new events. */
  wake(): void {
    this.#dirty = true
    if (!this.#pumping) void this.#pump()
  }

  /** A piece of an answer that is being written. */
  piece({ event_id, index, text }: Delta): void {
    const { socket } = this.#options
    // Pieces and events come by different ways: a piece may come when its answer was sent already.
    if (event_id === this.#last || socket.readyState !== socket.OPEN || socket.bufferedAmount > FULL_BYTES) return
    socket.send(JSON.stringify({ type: 'delta', event_id, index, text }))
  }

  /**
   * Asks whether the client is still there. Ends the connection if it did not say so since the last time, or if its token
   * has expired.
   */
  beat(now: number): void {
    if (now >= this.#options.expiresAt) return this.#options.socket.close(CLOSE_TOKEN_EXPIRED, 'The token has expired')
    if (!this.#alive) return this.#options.socket.terminate()
    this.#alive = false
    this.#options.socket.ping()
    // What was missed while the bus was away is made up for here.
    this.wake()
  }

  async #pump(): Promise<void> {
    const { socket, store, session_id, onProblem } = this.#options
    this.#pumping = true
    try {
      while (this.#dirty && socket.readyState === socket.OPEN) {
        this.#dirty = false
        const events = await store.eventsAfter(session_id, this.#position, PAGE)
        for (const stored of events) {
          await this.#send(stored.kind === 'agent' ? stored.event : { type: 'event', event: stored.event })
          this.#position = stored.sequence
          this.#last = stored.event.event_id
        }
        if (events.length === PAGE) this.#dirty = true
      }
    } catch (error) {
      // The next heartbeat tries again.
      if (socket.readyState === socket.OPEN) onProblem(`streaming session ${session_id} was interrupted`, error)
    } finally {
      this.#pumping = false
    }
  }

  #send(frame: object): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#options.socket.send(JSON.stringify(frame), (error) => (error ? reject(error) : resolve()))
    })
  }
}
