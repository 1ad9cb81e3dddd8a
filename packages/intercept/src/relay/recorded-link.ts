import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'

import type { RelayRewriter, RelayStep } from '@keploy-framework/wire'

import { resetSocket } from '../tap/reset-socket.ts'
import { endTls, type CarriedConnection, type CarryContext } from './carry.ts'
import { beginTls, connectUpstream } from './connect-upstream.ts'
import type { ObservedConnection, Route } from './handler.ts'

type Side = 'client' | 'server'
/** How long a client keeps its connection that says nothing to a server which can't be reached, in milliseconds. */
const SILENCE_MS = 20
type BytesStep = Exclude<RelayStep, { type: 'start-tls' }>

/** A connection of the service and the one to the real server: chunks go on first, copies are observed. */
export class RecordedLink implements CarriedConnection {
  readonly closed: Promise<void>
  readonly #observed: ObservedConnection
  readonly #route: Route
  readonly #context: CarryContext
  readonly #rewriter: RelayRewriter | undefined
  readonly #sides: Record<Side, Duplex>
  /** What a rewriter does with chunks of a side is done one after the other; `waiting` counts what is not done yet. */
  readonly #turns: Record<Side, Promise<void>> = { client: Promise.resolve(), server: Promise.resolve() }
  readonly #waiting: Record<Side, number> = { client: 0, server: 0 }
  #connected = false
  /** Whether the client said anything. */
  #heard = false
  #unreachable = false
  #over = false
  #resolve: () => void = () => undefined

  constructor(
    observed: ObservedConnection,
    client: Duplex,
    route: Route,
    context: CarryContext,
    rewriter: RelayRewriter | undefined,
  ) {
    this.#observed = observed
    this.#route = route
    this.#context = context
    this.#rewriter = rewriter
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve
    })
    const server = context.upstream ?? connectUpstream(route, context.lookup)
    this.#connected = context.upstream !== undefined
    this.#sides = { client, server }
    server.once('encrypted' in server ? 'secureConnect' : 'connect', () => {
      this.#connected = true
    })
    this.#listen('client', client)
    this.#listen('server', server)
  }

  destroy(): void {
    this.#sides.client.destroy()
    this.#sides.server.destroy()
  }

  #listen(from: Side, socket: Duplex): void {
    const current = (): boolean => this.#sides[from] === socket
    socket.on('data', (chunk: Buffer) => {
      if (current()) this.#take(from, chunk)
    })
    socket.on('drain', () => void this.#sides[other(from)].resume())
    socket.on('end', () => {
      if (current()) this.#end(from)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (current()) this.#fail(from, error)
    })
    socket.on('close', () => {
      if (current()) this.#closeSide(from)
    })
  }

  #take(from: Side, chunk: Buffer): void {
    if (this.#unreachable) return
    if (from === 'client') this.#heard = true
    const at = now()
    if (this.#rewriter === undefined) this.#send(other(from), chunk)
    else this.#rewrite(this.#rewriter, from, chunk)
    this.#observed.push(from, chunk, at)
  }

  #rewrite(rewriter: RelayRewriter, from: Side, chunk: Buffer): void {
    const steps = (): ReturnType<RelayRewriter['fromClient']> =>
      from === 'client' ? rewriter.fromClient(chunk) : rewriter.fromServer(chunk)
    if (this.#waiting[from] > 0) {
      this.#later(from, steps)
      return
    }
    try {
      const found = steps()
      // Nearly every chunk only goes on: a promise for each would cost more than the rest.
      if (isBytesOnly(found)) for (const step of found) this.#pass(from, step)
      else this.#later(from, () => found)
    } catch (error) {
      this.#broken(error)
    }
  }

  /** Carries steps out after all that came before on this side. */
  #later(from: Side, steps: () => ReturnType<RelayRewriter['fromClient']>): void {
    const before = this.#turns[from]
    this.#waiting[from] += 1
    this.#turns[from] = (async () => {
      await before
      for (const step of await steps()) await this.#carryOut(from, step)
      this.#waiting[from] -= 1
    })()
    this.#turns[from].catch((error: unknown) => this.#broken(error))
  }

  #broken(error: unknown): void {
    this.#context.onProblem(this.#route, `the relay failed: ${String(error)}`)
    this.destroy()
  }

  #pass(from: Side, step: BytesStep): void {
    this.#send(step.type === 'forward' ? other(from) : from, step.bytes)
  }

  async #carryOut(from: Side, step: RelayStep): Promise<void> {
    if (step.type !== 'start-tls') this.#pass(from, step)
    else if (step.side === 'server') await this.#secureServer()
    else {
      const rest = step.rest === undefined ? undefined : Buffer.from(step.rest)
      this.#replace('client', endTls(this.#detach('client'), this.#route, this.#context, rest))
    }
  }

  async #secureServer(): Promise<void> {
    const secured = beginTls(this.#detach('server') as Socket, this.#route)
    this.#replace('server', secured)
    await new Promise<void>((resolve) => {
      secured.once('secureConnect', resolve)
      secured.once('close', () => resolve())
    })
  }

  /** Takes our listeners off, so that TLS reads what comes from here on. */
  #detach(side: Side): Duplex {
    const socket = this.#sides[side]
    for (const event of ['data', 'end', 'close', 'drain'] as const) socket.removeAllListeners(event)
    socket.pause()
    return socket
  }

  #replace(side: Side, socket: TLSSocket): void {
    this.#sides[side] = socket
    this.#listen(side, socket)
  }

  #send(to: Side, bytes: Uint8Array): void {
    const socket = this.#sides[to]
    if (!socket.writable) return
    if (!socket.write(bytes)) this.#sides[other(to)].pause()
  }

  #end(from: Side): void {
    this.#observed.end(from, now())
    this.#later(from, () => {
      this.#release(from)
      this.#sides[other(from)].end()
      return []
    })
  }

  /** What a rewriter kept of a side that says no more goes on, whole message or not. */
  #release(from: Side): void {
    for (const bytes of this.#rewriter?.end(from) ?? []) this.#send(other(from), bytes)
  }

  #fail(from: Side, error: NodeJS.ErrnoException): void {
    const reason = error.code ?? error.message
    if (from === 'server' && !this.#connected) {
      this.#context.onProblem(this.#route, `could not connect: ${reason}`)
    }
    this.#observed.abort(now(), from === 'server' && !this.#connected ? reason : undefined, from)
    this.#release(from)
    const partner = this.#sides[other(from)] as Socket
    this.#unreachable = from === 'server' && !this.#connected
    if (this.#unreachable && !this.#heard) resetWhenHeard(partner)
    else resetSocket(partner)
  }

  #closeSide(side: Side): void {
    const partner = this.#sides[other(side)]
    if (!partner.destroyed && !partner.writableEnded && !this.#unreachable) partner.end()
    // The other side may still send what it has, but nobody reads it any more when the client is gone.
    if (side === 'client') partner.destroy()
    if (this.#over || !partner.destroyed) return
    this.#over = true
    this.#observed.abort(now())
    this.#resolve()
  }
}

function other(side: Side): Side {
  return side === 'client' ? 'server' : 'client'
}

function isBytesOnly(steps: readonly RelayStep[] | Promise<readonly RelayStep[]>): steps is readonly BytesStep[] {
  return Array.isArray(steps) && steps.every((step: RelayStep) => step.type !== 'start-tls')
}

/**
 * The client believes that it is connected. It is broken off when it has said something, as in a replay: what its driver makes
 * of it depends on that.
 */
function resetWhenHeard(client: Socket): void {
  const timer = setTimeout(() => resetSocket(client), SILENCE_MS)
  client.once('data', () => queueMicrotask(() => resetSocket(client)))
  client.once('close', () => clearTimeout(timer))
}

const ORIGIN = performance.timeOrigin

function now(): number {
  return ORIGIN + performance.now()
}
