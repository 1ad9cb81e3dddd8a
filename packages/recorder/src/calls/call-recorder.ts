import type { Call, CallCause, ProtocolName } from '@keploy-framework/format'
import {
  dependencyName,
  type ConnectionHandler,
  type InboundRequest,
  type ObservedConnection,
  type Route,
} from '@keploy-framework/intercept'
import { createCallReader, refusedCall, type CallEvent, type ReadCall } from '@keploy-framework/wire'

export interface CallRecorderOptions {
  /** Told of each call that ended. */
  readonly onCall: (call: Call) => void
  /** Told of traffic that could not be read, with the reason. */
  readonly onGap: (dependency: string, reason: string, at: number) => void
  /** Told what a person should know of what is recorded all the same, once for each dependency. */
  readonly onNotice?: (notice: string) => void
  /** The cause of a call that began at `at`, in milliseconds since the epoch. */
  readonly causeOf: (hint: InboundRequest | undefined, at: number) => CallCause | undefined
}

/** Notices that are told at most. */
const NOTICE_LIMIT = 1000

/** Reads what a service says to its dependencies: the handler of relays, proxy and hook while recording. */
export class CallRecorder {
  readonly handler: ConnectionHandler
  readonly #options: CallRecorderOptions
  readonly #open = new Set<ObservedCalls>()
  readonly #counts = { known: 0, certain: 0, ambiguous: 0, none: 0 }
  #connections = 0
  #ids = 0
  #calls = 0
  #stopped = false
  readonly #noticed = new Set<string>()
  /** The call of a test that ended last, on whichever connection. */
  #last: number | undefined

  constructor(options: CallRecorderOptions) {
    this.#options = options
    this.handler = { mode: 'record', observe: (route) => this.#observe(route) }
  }

  /** How many calls there were, and how sure it is what caused them. */
  stats(): {
    readonly calls: number
    readonly known: number
    readonly certain: number
    readonly ambiguous: number
    readonly none: number
  } {
    return { calls: this.#calls, ...this.#counts }
  }

  /** Ends the recording: calls under way are told as open. */
  stop(): void {
    if (this.#stopped) return
    const at = performance.timeOrigin + performance.now()
    for (const connection of this.#open) connection.stop(at)
    this.#stopped = true
  }

  #observe(route: Route): ObservedConnection {
    this.#connections += 1
    const connection = new ObservedCalls(this.#connections, route, {
      nextId: () => (this.#ids += 1),
      causeOf: this.#options.causeOf,
      lastCall: () => this.#last,
      onCall: (call) => this.#take(call),
      onGap: (reason, at) => {
        if (!this.#stopped) this.#options.onGap(route.dependency, reason, at)
      },
      onNotice: (notice) => this.#notice(notice),
      onOver: () => this.#open.delete(connection),
    })
    this.#open.add(connection)
    return connection
  }

  #notice(notice: string): void {
    if (this.#stopped || this.#noticed.has(notice) || this.#noticed.size >= NOTICE_LIMIT) return
    this.#noticed.add(notice)
    this.#options.onNotice?.(notice)
  }

  #take(call: Call): void {
    if (this.#stopped) return
    this.#calls += 1
    this.#counts[call.cause?.certainty ?? 'none'] += 1
    if (call.lifetime === 'test' && call.request !== null) this.#last = call.id
    this.#options.onCall(call)
  }
}

interface Surroundings {
  readonly nextId: () => number
  readonly causeOf: CallRecorderOptions['causeOf']
  readonly lastCall: () => number | undefined
  readonly onCall: (call: Call) => void
  readonly onGap: (reason: string, at: number) => void
  readonly onNotice: (notice: string) => void
  readonly onOver: () => void
}

/** Codes by which a connection is not there: of the system, of names, and of certificates. A service that gave up is none. */
const REFUSALS = /^(E[A-Z]+|EAI_[A-Z]+)$|CERT|^UNABLE_TO_|^ERR_(TLS|SSL)_/

function isHttp(protocol: ProtocolName): boolean {
  return protocol === 'http' || protocol === 'grpc'
}

/** A call that the client waited for in vain: its server said nothing, and broke nothing off. */
function unanswered(call: ReadCall): ReadCall {
  if (call.response !== undefined || call.state === 'complete' || call.request === null) return call
  const { ended: _, ...rest } = call
  return { ...rest, state: 'complete' }
}

/** One connection of the service that is read. */
class ObservedCalls implements ObservedConnection {
  readonly #id: number
  readonly #route: Route
  readonly #around: Surroundings
  readonly #reader: ReturnType<typeof createCallReader>
  readonly #causes = new Map<number, { cause: CallCause | undefined; after: number | undefined }>()
  #dependency: string
  #hint: InboundRequest | undefined
  #seen = false
  #heard = false
  /** The client has nothing more to say: what it never heard an answer to had none. */
  #gaveUp = false
  #pushing = false
  /** Something that came was not read. */
  #unread = false
  /** Calls that ended in the middle of a chunk: whether the server or our reading ended them shows after it. */
  readonly #heldBack: ReadCall[] = []
  #refused = false

  constructor(id: number, route: Route, around: Surroundings) {
    this.#id = id
    this.#route = route
    this.#around = around
    this.#dependency = route.dependency
    this.#reader = createCallReader(
      route.protocol,
      { connection: id, nextId: around.nextId, ...(route.authority !== undefined && { authority: route.authority }) },
      (event) => this.#take(event),
      (name) => this.#name(name),
    )
  }

  push(from: 'client' | 'server', chunk: Uint8Array, at: number, cause?: InboundRequest): void {
    this.#seen = true
    if (from === 'server') this.#heard = true
    this.#hint = from === 'client' ? cause : undefined
    this.#pushing = true
    this.#reader.push(from, chunk, at)
    this.#pushing = false
    this.#hint = undefined
    for (const call of this.#heldBack.splice(0)) this.#tell(call)
  }

  end(from: 'client' | 'server', at: number): void {
    if (from === 'client') this.#gaveUp = true
    this.#reader.end(from, at)
  }

  abort(at: number, reason?: string, by?: 'client' | 'server'): void {
    if (this.#refused) return
    if (by !== undefined) this.#gaveUp = by === 'client'
    const seen = this.#route.via === 'hook' ? this.#seen : this.#heard
    if (reason !== undefined && !seen && REFUSALS.test(reason)) this.#refuse(reason, at)
    else {
      if (reason !== undefined && !seen) {
        this.#around.onGap(`${this.#dependency} could not be reached (${reason})`, at)
      }
      this.#reader.abort(at)
    }
    this.#around.onOver()
  }

  stop(at: number): void {
    if (!this.#refused) this.#reader.stop(at)
  }

  /** That a connection could not be made is an answer too. What a relay was told before comes to nothing. */
  #refuse(reason: string, at: number): void {
    this.#refused = true
    const id = this.#around.nextId()
    const cause = this.#around.causeOf(undefined, at)
    this.#around.onCall({
      ...refusedCall(reason),
      id,
      connection: this.#id,
      dependency: this.#dependency,
      state: 'complete',
      startedAt: at,
      endedAt: at,
      ...(cause !== undefined && { cause }),
    })
  }

  /** A dependency that was only known by its address gets the name of its protocol too; another one keeps its name. */
  #name(name: ProtocolName): void {
    const { dependency, protocol } = this.#route
    // Both go over HTTP, and one setting may well stand for both.
    const expected = protocol === 'auto' || (isHttp(protocol) && isHttp(name))
    if (!expected) {
      const as = name === 'generic' ? 'bytes (generic)' : name
      this.#around.onNotice(`${dependency} does not speak ${protocol}, as its setting says: it is recorded as ${as}`)
    }
    this.#dependency = dependencyName(this.#route, name)
  }

  #take(event: CallEvent): void {
    if (event.type === 'gap') {
      // Their answers may well have come: what was not read is not said to be broken off.
      this.#unread = true
      for (const call of this.#heldBack.splice(0)) this.#tell({ ...call, state: 'open' })
      this.#around.onGap(`${this.#dependency}: ${event.reason}`, event.at)
    } else if (event.type === 'open') {
      this.#causes.set(event.id, { cause: this.#around.causeOf(this.#hint, event.at), after: this.#around.lastCall() })
    } else if (event.type === 'skipped') {
      this.#causes.delete(event.id)
    } else if (this.#pushing && event.call.state === 'aborted' && event.call.ended === undefined) {
      if (this.#unread) this.#tell({ ...event.call, state: 'open' })
      else this.#heldBack.push(event.call)
    } else this.#tell(event.call)
  }

  #tell(read: ReadCall): void {
    const { cause, after } = this.#causes.get(read.id) ?? {}
    this.#causes.delete(read.id)
    const own = read.request === null
    this.#around.onCall({
      ...(this.#gaveUp && !this.#unread ? unanswered(read) : read),
      dependency: this.#dependency,
      // What sets a connection up serves whoever uses it.
      ...(cause !== undefined && read.lifetime === 'test' && { cause }),
      ...(own && after !== undefined && { after }),
    })
  }
}
