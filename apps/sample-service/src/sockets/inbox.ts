import type { Connection } from './connection.ts'

/** Reading stops while so much waits. A few more may come: those that the last read brought. */
const FULL_MESSAGES = 32
const FULL_BYTES = 256 * 1024

export interface Incoming {
  data: Buffer
  isBinary: boolean
}

/** Does what a message asks for, and resolves with the answer. Never rejects. */
export type Handle = (message: Incoming) => Promise<object>

/**
 * The messages of one client, handled and answered one after another in their order. A burst fills the inbox, and so do
 * answers that the client does not read; then it has to wait until there is room: nothing is lost, and nothing is kept
 * without bound.
 */
export class Inbox {
  readonly #connection: Connection
  readonly #handle: Handle
  #waiting: Incoming[] = []
  #bytes = 0
  #paused = false
  #stopped = false
  #working: Promise<void> | undefined

  constructor(connection: Connection, handle: Handle) {
    this.#connection = connection
    this.#handle = handle
    connection.onMessage((data, isBinary) => {
      if (this.#stopped) return
      this.#waiting.push({ data, isBinary })
      this.#bytes += data.length
      this.#regulate()
      this.#working ??= this.#work().finally(() => (this.#working = undefined))
    })
  }

  /** Drops what waits and what comes from now on, and resolves when the message at hand is done and answered. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#waiting = []
    this.#bytes = 0
    await this.#working
  }

  async #work(): Promise<void> {
    for (let next = this.#take(); next; next = this.#take()) {
      // Late is as good as never: its token does not count any more.
      if (this.#connection.endIfExpired(Date.now())) return void (this.#waiting = [])
      this.#connection.busy = true
      const answer = await this.#handle(next)
      this.#connection.busy = false
      // What cannot be sent is an answer to somebody who has gone.
      await this.#connection.send(answer).catch(() => {})
    }
  }

  #take(): Incoming | undefined {
    const next = this.#waiting.shift()
    if (next) this.#bytes -= next.data.length
    this.#regulate()
    return next
  }

  #regulate(): void {
    const full = this.#waiting.length >= FULL_MESSAGES || this.#bytes >= FULL_BYTES
    if (full === this.#paused) return
    this.#paused = full
    if (full) this.#connection.pause()
    else this.#connection.resume()
  }
}
