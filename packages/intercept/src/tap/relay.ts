import type { Socket } from 'node:net'

import type { ConnectionCodec } from '@keploy-framework/wire'

import { DEFAULT_TURN_LIMIT } from '../defaults.ts'
import type { ReleaseQueue } from './release-queue.ts'
import { resetSocket } from './reset-socket.ts'
import type { Turnstile } from './turnstile.ts'

/** What a relay needs of its tap. */
export interface RelayContext {
  readonly queue: ReleaseQueue
  readonly now: () => number
  readonly counters: { bytesIn: number; bytesOut: number }
  /** Makes the codec when the first byte comes, so that an idle connection costs none. */
  createCodec(relay: Relay): ConnectionCodec
  gap(relay: Relay, from: 'client' | 'server', reason: string): void
  onClose(relay: Relay): void
  /** Lets one request in at a time; absent: as they come. */
  readonly turnstile?: Turnstile<Relay>
}

/** One client connection and the one to the service, byte for byte. */
export class Relay {
  readonly id: number
  readonly #client: Socket
  readonly #server: Socket
  readonly #context: RelayContext
  #codec: ConnectionCodec | undefined = undefined
  /** Exchanges open now. */
  open = 0
  /** Chunks towards the client that wait for the end of the turn. */
  #held: Buffer[] = []
  #heldBytes = 0
  #waits = false
  #serverEnded = false
  #connected = false
  #draining = false
  #resetClient = false
  #over = false
  /** Chunks of the client that wait for its turn. */
  #outside: Buffer[] = []
  #endedOutside = false

  constructor(id: number, client: Socket, server: Socket, context: RelayContext) {
    this.id = id
    this.#client = client
    this.#server = server
    this.#context = context
    client.on('data', this.#onClientData)
    client.on('drain', () => server.resume())
    client.on('end', this.#onClientEnd)
    client.on('error', (error) => this.#onClientError(error))
    client.on('close', () => this.#onClientClose())
    server.on('encrypted' in server ? 'secureConnect' : 'connect', () => {
      this.#connected = true
    })
    server.on('data', this.#onServerData)
    server.on('drain', () => client.resume())
    server.on('end', this.#onServerEnd)
    server.on('error', (error) => this.#onServerError(error))
    server.on('close', () => this.#onServerClose())
  }

  /** The port by which the service knows us. */
  get localPort(): number | undefined {
    return this.#server.localPort
  }

  /** Ends the connection as soon as no exchange is under way. */
  drain(): void {
    this.#draining = true
    this.#endWhenIdle()
  }

  /** Breaks both sides now. */
  destroy(): void {
    this.#stop()
    this.#client.destroy()
    this.#server.destroy()
  }

  /** Called by the tap at the end of a turn. */
  release(): void {
    this.#waits = false
    const held = this.#held
    this.#held = []
    this.#heldBytes = 0
    const client = this.#client
    if (client.writable) {
      if (held.length > 1) client.cork()
      let room = true
      for (const chunk of held) room = client.write(chunk)
      if (held.length > 1) client.uncork()
      // A client that does not read stops the service, as it would without us; 'drain' starts it again.
      if (!room) this.#server.pause()
      else if (this.#server.isPaused()) this.#server.resume()
    }
    if (this.#resetClient) resetSocket(client)
    else if (this.#serverEnded) client.end()
    if (this.#draining) this.#endWhenIdle()
  }

  #endWhenIdle(): void {
    if (this.open > 0 || this.#waits) return
    this.#client.end()
    this.#server.end()
  }

  /** What waited for its turn goes on. */
  enter(): void {
    const waiting = this.#outside
    this.#outside = []
    for (const chunk of waiting) this.#onClientData(chunk)
    this.#client.resume()
    if (this.#endedOutside) this.#onClientEnd()
  }

  /** No request of this connection is under way: the next one may come in. */
  leave(): void {
    this.#context.turnstile?.leave(this)
  }

  readonly #onClientData = (chunk: Buffer): void => {
    const { turnstile } = this.#context
    if (turnstile !== undefined && (this.#outside.length > 0 || !turnstile.tryEnter(this))) {
      this.#outside.push(chunk)
      this.#client.pause()
      return
    }
    if (!this.#server.write(chunk)) this.#client.pause()
    this.#context.counters.bytesIn += chunk.length
    this.#parse('client', chunk)
  }

  readonly #onServerData = (chunk: Buffer): void => {
    this.#held.push(chunk)
    this.#heldBytes += chunk.length
    if (this.#heldBytes > DEFAULT_TURN_LIMIT) this.#server.pause()
    this.#wait()
    this.#context.counters.bytesOut += chunk.length
    this.#parse('server', chunk)
  }

  readonly #onClientEnd = (): void => {
    if (this.#outside.length > 0) {
      this.#endedOutside = true
      return
    }
    this.#server.end()
    this.#tell((codec) => codec.end('client', this.#context.now()))
  }

  readonly #onServerEnd = (): void => {
    this.#serverEnded = true
    this.#wait()
    this.#tell((codec) => codec.end('server', this.#context.now()))
  }

  #onClientError(error: Error): void {
    this.#abort()
    if (isReset(error)) resetSocket(this.#server)
    else this.#server.destroy()
  }

  #onServerError(error: NodeJS.ErrnoException): void {
    if (!this.#connected) {
      this.#context.gap(this, 'server', `could not connect to the service: ${connectProblem(error)}`)
    }
    this.#abort()
    // What the service sent before it broke goes first.
    this.#resetClient = true
    this.#wait()
  }

  #onClientClose(): void {
    this.#abort()
    if (!this.#server.destroyed && !this.#server.writableEnded) this.#server.destroy()
    this.#closeIfOver()
  }

  #onServerClose(): void {
    this.#abort()
    this.#closeIfOver()
  }

  #closeIfOver(): void {
    if (this.#over || !this.#client.destroyed || !this.#server.destroyed) return
    this.#over = true
    this.leave()
    this.#context.onClose(this)
  }

  #wait(): void {
    if (this.#waits) return
    this.#waits = true
    this.#context.queue.add(this)
  }

  #parse(from: 'client' | 'server', chunk: Buffer): void {
    try {
      this.#codec ??= this.#context.createCodec(this)
      this.#codec.push(from, chunk, this.#context.now())
    } catch (error) {
      this.#context.gap(this, from, `the parser failed: ${String(error)}`)
    }
  }

  #tell(act: (codec: ConnectionCodec) => void): void {
    try {
      if (this.#codec !== undefined) act(this.#codec)
    } catch (error) {
      this.#context.gap(this, 'server', `the parser failed: ${String(error)}`)
    }
  }

  #abort(): void {
    this.#tell((codec) => codec.abort(this.#context.now()))
  }

  #stop(): void {
    this.#tell((codec) => codec.stop(this.#context.now()))
  }
}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE'
}

function connectProblem({ code, message }: NodeJS.ErrnoException): string {
  if (code === undefined) return message
  return UNTRUSTED.test(code) ? `its certificate is not trusted (${code}); see NODE_EXTRA_CA_CERTS` : code
}

// The codes by which OpenSSL says that a chain ends at nobody who is known.
const UNTRUSTED = /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_(?:GET_ISSUER|VERIFY_LEAF)\w*)$/
