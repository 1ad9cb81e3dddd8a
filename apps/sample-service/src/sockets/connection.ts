import type { WebSocket } from 'ws'

import type { Identity } from '../auth/token-verifier.ts'
import { closeCodes } from './close-codes.ts'

/** Who opened a WebSocket, and with which token. */
export interface SocketIdentity extends Identity {
  token: string
}

/** How many pings a client may send between two heartbeats: less than what makes ws break the connection off. */
const MAX_PINGS = 50

/** One client of a `SocketServer`. */
export class Connection {
  readonly identity: SocketIdentity
  /** Set while a message of the client is worked on, when nothing is read from it: then it is not taken for dead. */
  busy = false
  readonly #socket: WebSocket
  #alive = true
  #pings = 0

  constructor(socket: WebSocket, identity: SocketIdentity) {
    this.#socket = socket
    this.identity = identity
    socket.on('pong', () => (this.#alive = true))
    socket.on('ping', () => {
      this.#pings += 1
      if (this.#pings > MAX_PINGS) this.end(closeCodes.policyViolation, 'Too many pings')
    })
    // A frame that is too large or malformed: ws closes the connection with the right code.
    socket.on('error', () => {})
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  /** How much waits for a client that reads slowly. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** Calls back with each message, until the connection ends. */
  onMessage(receive: (data: Buffer, isBinary: boolean) => void): void {
    this.#socket.on('message', (data, isBinary) => receive(data as Buffer, isBinary))
  }

  onClose(closed: () => void): void {
    this.#socket.once('close', closed)
  }

  /** Sends a frame, and resolves when it has left, so that who waits for it holds one frame in memory. Rejects when it cannot. */
  send(frame: object): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(JSON.stringify(frame), (error) => (error ? reject(error) : resolve()))
    })
  }

  /** Sends text unless more than `fullBytes` wait already. Answers whether it did. */
  offer(text: string, fullBytes: number): boolean {
    if (!this.isOpen || this.bufferedBytes > fullBytes) return false
    this.#socket.send(text)
    return true
  }

  /** Stops or goes on reading; a client that sends meanwhile has to wait. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Says goodbye. */
  end(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  /** Ends it without a word. */
  terminate(): void {
    this.#socket.terminate()
  }

  /** Ends the connection when its token has expired; answers whether it has. */
  endIfExpired(now: number): boolean {
    if (now < this.identity.expiresAt) return false
    this.end(closeCodes.tokenExpired, 'The token has expired')
    return true
  }

  /** Asks whether the client is still there. Ends the connection if it has not answered since the last time. */
  beat(now: number): void {
    if (this.endIfExpired(now)) return
    if (!this.#alive && !this.busy) return this.terminate()
    this.#alive = false
    this.#pings = 0
    this.#socket.ping()
  }
}
