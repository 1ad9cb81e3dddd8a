import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

import { resetSocket } from '../tap/reset-socket.ts'
import { endTls, type CarriedConnection, type CarryContext } from './carry.ts'
import type { ConnectionHandler, Route, ServedConnection } from './handler.ts'

/** A connection of the service that a handler answers. */
export class ServedLink implements CarriedConnection {
  readonly closed: Promise<void>
  readonly #route: Route
  readonly #context: CarryContext
  readonly #served: ServedConnection
  #client: Duplex
  #resolve: () => void = () => undefined

  constructor(
    handler: Extract<ConnectionHandler, { mode: 'replay' }>,
    client: Duplex,
    route: Route,
    context: CarryContext,
  ) {
    this.#route = route
    this.#context = context
    this.#client = client
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve
    })
    this.#served = handler.serve(route, {
      address: context.address,
      send: (bytes) => {
        // A client that asks and does not read is not listened to until it does.
        if (this.#client.writable && !this.#client.write(bytes)) this.#client.pause()
      },
      close: (how) => {
        if (how === 'reset') resetSocket(this.#client as Socket)
        else this.#client.end()
      },
      startTls: (rest) => this.#startTls(rest),
    })
    this.#listen(client)
  }

  destroy(): void {
    this.#client.destroy()
  }

  #listen(socket: Duplex): void {
    const current = (): boolean => this.#client === socket
    socket.on('data', (chunk: Buffer) => {
      if (current()) this.#served.push(chunk)
    })
    socket.on('drain', () => void socket.resume())
    socket.on('end', () => {
      if (!current()) return
      this.#served.end()
      socket.end()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      if (!current()) return
      this.#served.close()
      this.#resolve()
    })
  }

  #startTls(rest?: Uint8Array): void {
    const plain = this.#client
    for (const event of ['data', 'end', 'close', 'drain'] as const) plain.removeAllListeners(event)
    plain.pause()
    this.#client = endTls(plain, this.#route, this.#context, rest === undefined ? undefined : Buffer.from(rest))
    this.#listen(this.#client)
  }
}
