import { once } from 'node:events'
import net, { type AddressInfo, type LookupFunction, type Server, type Socket } from 'node:net'

import { DEFAULT_HOST } from '../defaults.ts'
import type { Address } from '../discover/setting.ts'
import { InterceptError } from '../errors.ts'
import type { CarriedConnection } from '../relay/carry.ts'
import type { ConnectionHandler, Route } from '../relay/handler.ts'
import type { LocalCertificate } from '../tls/local-certificate.ts'
import { ProxyConnection } from './proxy-connection.ts'

export interface ProxyOptions {
  readonly handler: ConnectionHandler
  /** The certificate and key (PEM) for a name: `certificateFor` of a `LocalCa`. */
  readonly certificateFor: (host: string) => LocalCertificate
  /** Something that a person should know, in plain words; `route` says of what. Called once for the same words. */
  readonly onProblem: (route: Route, problem: string) => void
  /** Roots that the service trusts, PEM; servers are checked against them. Default: those of Node. */
  readonly trusted?: string
  /** Addresses whose calls are neither recorded nor mocked. Default: none. */
  readonly bypass?: (host: string, port: number) => boolean
  /** In a replay, what was agreed with a server (ALPN), `h2` for example. Default: `http/1.1` where it is offered. */
  readonly agreed?: (dependency: string) => string | undefined
  /** Where the proxy listens. Default: 127.0.0.1. */
  readonly host?: string
  /** By what name the service reaches it. Default: `host`. */
  readonly reachedAs?: string
  /** Finds the address of a server by its name. Default: as this machine does. */
  readonly lookup?: LookupFunction
}

/** A proxy for the calls of a service to HTTP and HTTPS APIs. */
export interface Proxy extends AsyncDisposable {
  readonly address: Address
  /** Connections under way. */
  readonly connections: number
  /** Hosts that refused our certificate, and whose calls went by unrecorded. */
  readonly passedThrough: readonly string[]
  /** Stops listening, and breaks off what is under way. */
  close(): Promise<void>
}

/**
 * Starts a proxy that brings each connection to a handler, in plain text. Names are resolved by a recording only.
 *
 * @throws InterceptError `KEPLOY_PROXY_LISTEN` when it cannot listen.
 * @example
 * const ca = createLocalCa()
 * const proxy = await startProxy({ handler, certificateFor: ca.certificateFor, onProblem: console.error })
 * const env = { ...proxyVariables(proxy.address), ...trustVariables(files) }
 */
export async function startProxy(options: ProxyOptions): Promise<Proxy> {
  const host = options.host ?? DEFAULT_HOST
  const server = net.createServer({ allowHalfOpen: true, noDelay: true })
  server.listen(0, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new InterceptError(
      'KEPLOY_PROXY_LISTEN',
      `The proxy cannot listen on ${host}: ${(cause as Error).message}. Choose an address of this machine.`,
      { cause },
    )
  }
  const { port } = server.address() as AddressInfo
  return new RunningProxy(server, { host: options.reachedAs ?? host, port }, options)
}

/** What the connections of one proxy share. */
export interface ProxyState extends ProxyOptions {
  readonly address: Address
  /** `host:port` of servers whose clients accept no certificate of ours. */
  readonly pinned: Set<string>
  /** How often a client ended TLS in silence, of servers that nothing was ever sent to; -1 once something was. */
  readonly silent: Map<string, number>
  track(link: CarriedConnection): void
}

class RunningProxy implements Proxy {
  readonly address: Address
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #links = new Set<CarriedConnection>()
  readonly #pinned = new Set<string>()

  constructor(server: Server, address: Address, options: ProxyOptions) {
    this.#server = server
    this.address = address
    const told = new Set<string>()
    const state: ProxyState = {
      ...options,
      address,
      pinned: this.#pinned,
      silent: new Map(),
      onProblem: (route, problem) => {
        const words = `${route.dependency} ${problem}`
        if (told.has(words) || told.size >= 1000) return
        told.add(words)
        options.onProblem(route, problem)
      },
      track: (link) => {
        this.#links.add(link)
        void link.closed.then(() => this.#links.delete(link))
      },
    }
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      socket.on('error', () => socket.destroy())
      void new ProxyConnection(socket, state)
    })
    server.on('error', () => undefined)
  }

  get connections(): number {
    return this.#sockets.size
  }

  get passedThrough(): readonly string[] {
    return [...this.#pinned]
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const link of this.#links) link.destroy()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
