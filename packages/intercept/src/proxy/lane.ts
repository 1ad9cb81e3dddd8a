import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

import { resetSocket } from '../tap/reset-socket.ts'

/** One server's part of a connection to the proxy: requests are pushed in, answers go to the client. */
export class Lane extends Duplex {
  readonly #client: Socket
  #left = false
  /** Tells that more may be pushed. */
  readonly #wanted: () => void

  constructor(client: Socket, wanted: () => void) {
    super({ allowHalfOpen: true })
    this.#client = client
    this.#wanted = wanted
  }

  /** The client turns to another server: what becomes of this one no longer touches the client. */
  leave(): void {
    this.#left = true
    this.push(null)
    this.end()
  }

  /** Breaks the connection of the client off. */
  resetAndDestroy(): void {
    if (!this.#left) resetSocket(this.#client)
    this.destroy()
  }

  override _read(): void {
    this.#wanted()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#left || this.#client.destroyed) done()
    else if (this.#client.write(chunk)) done()
    else this.#client.once('drain', done).once('close', done)
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#left) this.#client.end()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#left) this.#client.destroy()
    done(error)
  }
}
