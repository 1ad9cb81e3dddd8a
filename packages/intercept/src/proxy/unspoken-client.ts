import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

import { resetSocket } from '../tap/reset-socket.ts'

/**
 * A client that has said nothing yet. It stands for the real one from the moment that its server speaks; when the client
 * speaks before, it is left, and ends without a trace for the client.
 */
export class UnspokenClient extends Duplex {
  readonly #client: Socket
  readonly #onGreeting: () => void
  #state: 'waiting' | 'joined' | 'left' = 'waiting'

  /** `onGreeting` is called once, before the first bytes of the server reach the client. */
  constructor(client: Socket, onGreeting: () => void) {
    super({ allowHalfOpen: true })
    this.#client = client
    this.#onGreeting = onGreeting
    client.once('close', () => this.destroy())
  }

  /** The client has spoken: what is said to this one goes nowhere from here on. Nothing when it stands for the client. */
  leave(): void {
    if (this.#state !== 'waiting') return
    this.#state = 'left'
    this.destroy()
  }

  override _read(): void {
    if (this.#state === 'joined') this.#client.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.#state === 'waiting') this.#join()
    if (this.#client.write(chunk)) done()
    else this.#client.once('drain', done)
  }

  override _final(done: () => void): void {
    if (this.#state === 'left') done()
    else this.#client.end(done)
  }

  #join(): void {
    this.#state = 'joined'
    this.#onGreeting()
    this.#client.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) this.#client.pause()
    })
    this.#client.on('end', () => this.push(null))
    this.#client.resume()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#state === 'joined') this.#client.destroy()
    // The server could not be reached, or broke off, and the client still waits for it.
    if (this.#state === 'waiting') resetSocket(this.#client)
    done(error)
  }
}
