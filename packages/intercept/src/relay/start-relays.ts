import { once } from 'node:events'
import net, { type AddressInfo, type LookupFunction, type Server, type Socket } from 'node:net'

import { oneLine } from '@keploy-framework/wire'

import { DEFAULT_HOST } from '../defaults.ts'
import { InterceptError } from '../errors.ts'
import { carry, type CarriedConnection, type CarryContext } from './carry.ts'
import type { ConnectionHandler, Route } from './handler.ts'

export interface RelaysOptions {
  readonly handler: ConnectionHandler
  readonly certificateFor: CarryContext['certificateFor']
  readonly onProblem: CarryContext['onProblem']
  /** Where relays listen. Default: 127.0.0.1; another address where the service runs in a container. */
  readonly host?: string
  /** The name by which the service reaches them. Default: `host`. */
  readonly reachedAs?: string
  /** Finds the address of a server by its name. Default: as this machine does; names of containers are not known to it. */
  readonly lookup?: LookupFunction
}

/** Relays in front of everything that the service depends on. */
export interface Relays extends AsyncDisposable {
  /** Opens a relay for a route, or gives the one that leads there already. */
  open(
    route: Route,
    options?: { readonly clientTls?: boolean; readonly port?: number },
  ): Promise<{ readonly host: string; readonly port: number }>
  /** Whether an address is one of ours. */
  has(host: string, port: number): boolean
  /** Connections under way. */
  readonly connections: number
  /** Stops listening, and breaks off what is under way after `graceMs` (default 0). */
  close(options?: { readonly graceMs?: number }): Promise<void>
}

/**
 * Makes relays: each listens on a port of its own and carries the connections of the service to one dependency.
 *
 * @example
 * const relays = startRelays({ handler, certificateFor, onProblem: console.error })
 * const { port } = await relays.open({ dependency: 'redis db:6379', protocol: 'redis', target: { host: 'db', port: 6379 }, tls: { mode: 'off' }, via: 'relay' })
 */
export function startRelays(options: RelaysOptions): Relays {
  return new RunningRelays(options)
}

interface Relay {
  readonly server: Server
  readonly address: { readonly host: string; readonly port: number }
}

class RunningRelays implements Relays {
  readonly #options: RelaysOptions
  readonly #relays = new Map<string, Promise<Relay>>()
  readonly #ports = new Set<number>()
  readonly #links = new Set<CarriedConnection>()

  constructor(options: RelaysOptions) {
    this.#options = options
  }

  get connections(): number {
    return this.#links.size
  }

  has(host: string, port: number): boolean {
    return this.#ports.has(port) && [this.#options.host, this.#options.reachedAs, DEFAULT_HOST].includes(host)
  }

  async open(
    route: Route,
    options: { readonly clientTls?: boolean; readonly port?: number } = {},
  ): Promise<Relay['address']> {
    const key = `${route.protocol} ${JSON.stringify(route.target)} ${options.clientTls === true}`
    const known = this.#relays.get(key)
    if (known !== undefined) return (await known).address
    const relay = this.#listen(route, options.clientTls === true, options.port ?? 0)
    this.#relays.set(key, relay)
    return (await relay).address
  }

  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    for (const relay of this.#relays.values()) (await relay.catch(() => undefined))?.server.close()
    if (this.#links.size > 0 && (options.graceMs ?? 0) > 0) {
      const gone = Promise.all([...this.#links].map((link) => link.closed))
      await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, options.graceMs).unref())])
    }
    const links = [...this.#links]
    for (const link of links) link.destroy()
    await Promise.all(links.map((link) => link.closed))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #listen(route: Route, clientTls: boolean, wanted: number): Promise<Relay> {
    const host = this.#options.host ?? DEFAULT_HOST
    const server = net.createServer({ allowHalfOpen: true, noDelay: true })
    server.listen(wanted, host)
    try {
      await once(server, 'listening')
    } catch (cause) {
      throw new InterceptError(
        'KEPLOY_RELAY_LISTEN',
        `No relay for ${oneLine(route.dependency)} can listen on ${host}${wanted === 0 ? '' : `:${wanted}`}: ${(cause as Error).message}. Choose an address of this machine, and a port that is free.`,
        { cause },
      )
    }
    const { port } = server.address() as AddressInfo
    this.#ports.add(port)
    const address = { host: this.#options.reachedAs ?? host, port }
    const context: CarryContext = {
      address,
      certificateFor: this.#options.certificateFor,
      onProblem: this.#options.onProblem,
      clientTls,
      ...(this.#options.lookup !== undefined && { lookup: this.#options.lookup }),
      // All nodes of a cluster are one dependency: in a replay any of them may be asked for what any of them has.
      relayFor: async (to, at) => await this.open({ ...route, target: { host: to, port: at } }, { clientTls }),
    }
    server.on('connection', (socket: Socket) => {
      const link = carry(this.#options.handler, socket, route, context)
      this.#links.add(link)
      void link.closed.then(() => this.#links.delete(link))
    })
    // No file descriptor left for a connection: that connection fails, the relay goes on.
    server.on('error', (error) => this.#options.onProblem(route, error.message))
    return { server, address }
  }
}
