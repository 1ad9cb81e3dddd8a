import net from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import tls from 'node:tls'

import { createHttpCodec } from '@keploy-framework/wire'
import type { CodecEvent } from '@keploy-framework/wire'

import { DEFAULT_GRACE_MS, DEFAULT_HOST } from '../defaults.ts'
import { InterceptError } from '../errors.ts'
import type { Tap, TapListen, TapOptions, TapStats, TapTarget } from './options.ts'
import { Relay } from './relay.ts'
import type { RelayContext } from './relay.ts'
import { ReleaseQueue } from './release-queue.ts'
import { Turnstile } from './turnstile.ts'

/**
 * Starts a tap: a relay in front of a service that sends every byte on as it came, and tells what went by. A service
 * that refuses the connection is seen by the client as a reset connection, because the tap had accepted it by then.
 * Throws `InterceptError` `KEPLOY_TAP_PORT_IN_USE` or `KEPLOY_TAP_LISTEN` when it cannot listen.
 *
 * @example
 * await using tap = await startTap({
 *   listen: { port: 8081 },
 *   target: { host: '127.0.0.1', port: 8000 },
 *   onEvent: (event) => console.log(event.type),
 * })
 */
export async function startTap(options: TapOptions): Promise<Tap> {
  const tap = new RunningTap(options)
  await tap.listen(options.listen)
  return tap
}

class RunningTap implements Tap {
  readonly #options: TapOptions
  readonly #server: Server
  readonly #relays = new Set<Relay>()
  readonly #context: RelayContext
  readonly #counters = { bytesIn: 0, bytesOut: 0 }
  #address: Tap['address'] = { path: '' }
  #connections = 0
  #exchanges = 0
  #gaps = 0
  #lastId = 0
  #closed: Promise<void> | undefined = undefined
  #onEmpty: (() => void) | undefined = undefined

  constructor(options: TapOptions) {
    this.#options = options
    const accept = (socket: Socket) => this.#accept(socket)
    this.#server =
      options.tls === undefined
        ? net.createServer({ allowHalfOpen: true, noDelay: true }, accept)
        : tls.createServer({ ...options.tls, allowHalfOpen: true, noDelay: true, ALPNProtocols: ['http/1.1'] }, accept)
    this.#server.on('tlsClientError', (error: Error) => {
      this.#tell(gap(0, 'client', `the TLS handshake failed: ${error.message}`, this.#context.now()))
    })
    const nextId = () => (this.#lastId += 1)
    const limit = options.bodyLimit === undefined ? {} : { bodyLimit: options.bodyLimit }
    this.#context = {
      queue: new ReleaseQueue(options.beforeRelease, (error) => {
        this.#tell(gap(0, 'server', `what was told could not be kept: ${String(error)}`, this.#context.now()))
      }),
      now: () => performance.timeOrigin + performance.now(),
      counters: this.#counters,
      createCodec: (relay) =>
        createHttpCodec({ connection: relay.id, nextId, ...limit }, (event) => {
          if (event.type === 'open') relay.open += 1
          // A stream may last for ever, and must not keep everybody out.
          else if (event.type === 'part' && event.part.type === 'items') relay.leave()
          else if (event.type === 'close') {
            relay.open -= 1
            this.#exchanges += 1
          }
          this.#tell(event)
          if (event.type === 'close' && relay.open === 0) setImmediate(() => relay.leave())
        }),
      gap: (relay, from, reason) => this.#tell(gap(relay.id, from, reason, this.#context.now())),
      ...(options.serial === true && { turnstile: new Turnstile<Relay>() }),
      onClose: (relay) => {
        this.#relays.delete(relay)
        if (this.#relays.size === 0) this.#onEmpty?.()
      },
    }
  }

  get address(): Tap['address'] {
    return this.#address
  }

  stats(): TapStats {
    return {
      connections: this.#connections,
      active: this.#relays.size,
      exchanges: this.#exchanges,
      gaps: this.#gaps,
      ...this.#counters,
    }
  }

  connectionAt(port: number): number | undefined {
    for (const relay of this.#relays) if (relay.localPort === port) return relay.id
    return undefined
  }

  async listen(listen: TapListen): Promise<void> {
    const at = 'path' in listen ? listen : { host: listen.host ?? DEFAULT_HOST, port: listen.port ?? 0 }
    await new Promise<void>((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException) => reject(listenError(at, error))
      this.#server.once('error', fail)
      this.#server.listen(at, () => {
        this.#server.off('error', fail)
        // Later errors (no file descriptor left for a connection) concern one client, not the tap.
        this.#server.on('error', (error) => this.#tell(gap(0, 'client', String(error), this.#context.now())))
        resolve()
      })
    })
    const address = this.#server.address()
    const bound = address as AddressInfo
    this.#address = typeof address === 'string' ? { path: address } : { host: bound.address, port: bound.port }
  }

  close(options: { graceMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(options.graceMs ?? DEFAULT_GRACE_MS)
    return this.#closed
  }

  async #close(graceMs: number): Promise<void> {
    this.#server.close()
    if (this.#relays.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        for (const relay of this.#relays) relay.destroy()
      }, graceMs)
      this.#onEmpty = () => {
        clearTimeout(timer)
        resolve()
      }
      for (const relay of this.#relays) relay.drain()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #accept(client: Socket): void {
    this.#connections += 1
    const server = connect(this.#options.target)
    const relay = new Relay(this.#connections, client, server, this.#context)
    this.#relays.add(relay)
    if (this.#closed !== undefined) relay.drain()
  }

  #tell(event: CodecEvent): void {
    if (event.type === 'gap') this.#gaps += 1
    try {
      this.#options.onEvent(event)
    } catch {
      // Traffic goes first: who listens badly loses the event, and the count shows it.
      this.#gaps += 1
    }
  }
}

function connect(target: TapTarget): Socket {
  if ('path' in target) return net.connect({ path: target.path, allowHalfOpen: true })
  const { host, port } = target
  if (target.tls === undefined || target.tls === false) {
    return net.connect({ host, port, allowHalfOpen: true, noDelay: true })
  }
  const given = target.tls === true ? {} : target.tls
  const servername = given.servername ?? (net.isIP(host) === 0 ? host : '')
  // The typings leave out that a TLS connection may be half open too.
  const half = { allowHalfOpen: true }
  return tls.connect({ host, port, ALPNProtocols: ['http/1.1'], ...given, servername, ...half })
}

function gap(connection: number, from: 'client' | 'server', reason: string, at: number): CodecEvent {
  return { type: 'gap', connection, from, reason, at }
}

function listenError(at: { path: string } | { host: string; port: number }, cause: NodeJS.ErrnoException): Error {
  const where = 'path' in at ? at.path : `${at.host}:${at.port}`
  if (cause.code === 'EADDRINUSE') {
    return new InterceptError(
      'KEPLOY_TAP_PORT_IN_USE',
      `Cannot listen on ${where}: it is in use. Stop what listens there, or choose another with --listen.`,
      { cause },
    )
  }
  return new InterceptError(
    'KEPLOY_TAP_LISTEN',
    `Cannot listen on ${where}: ${cause.code ?? cause.message}. Choose an address of this machine and a port you may use.`,
    { cause },
  )
}
