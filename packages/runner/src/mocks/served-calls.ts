import type { ProtocolName, Value } from '@keploy-framework/format'
import { dependencyName, type ClientSide, type Route, type ServedConnection } from '@keploy-framework/intercept'
import type { LiveCall, RecordedCall } from '@keploy-framework/match'
import {
  createCallServer,
  findProtocol,
  type MockAnswer,
  type MockRequest,
  type MockServer,
  type MockServerOptions,
} from '@keploy-framework/wire'

/** A recorded answer, or a miss that counts once somebody says so. */
export type Answered = MockAnswer | { readonly type: 'miss'; readonly message: string; count(): void }

export interface ServedCallsOptions {
  /** What it plays; `auto`: what the client's first bytes show. */
  readonly protocol: ProtocolName | 'auto'
  /** What it says before the client does, where its protocol is not known. */
  readonly greeting?: Value
  readonly keepTiming: boolean
  readonly calls: readonly RecordedCall[]
  /** What servers of a dependency know together, by dependency. */
  readonly shared: Map<string, Map<string, unknown>>
  answer(live: LiveCall, from: ServedCalls): Answered
  onClose(): void
}

/** One connection of the service that is answered from recorded calls. */
export class ServedCalls implements ServedConnection {
  readonly #route: Route
  readonly #client: ClientSide
  readonly #options: ServedCallsOptions
  readonly #server: MockServer
  readonly #timers = new Set<NodeJS.Timeout>()
  /** Whether the connection is set up: its protocol may be known later, and is spoken at once then. */
  #ready = false

  constructor(route: Route, client: ClientSide, options: ServedCallsOptions) {
    this.#route = route
    this.#client = client
    this.#options = options
    queueMicrotask(() => {
      this.#ready = true
    })
    const { greeting } = options
    this.#server = createCallServer(
      greeting === undefined ? options.protocol : 'generic',
      (name) => this.#serverOptions(name),
      route.authority,
    )
    if (greeting !== undefined) this.#server.deliver(greeting)
  }

  push(chunk: Uint8Array): void {
    this.#server.push(chunk)
  }

  end(): void {
    this.#server.end()
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#server.close()
    this.#options.onClose()
  }

  deliver(message: Value): void {
    this.#server.deliver(message)
  }

  #serverOptions(name: ProtocolName): MockServerOptions {
    const { credentials } = this.#route
    const dependency = dependencyName(this.#route, name)
    const recorded = new Map<string, { readonly request: Value; readonly response?: Value }[]>()
    const client = this.#client
    const shared = this.#options.shared.get(dependency) ?? new Map<string, unknown>()
    this.#options.shared.set(dependency, shared)
    // Bytes are never sent before the connection is set up, nor inside of a write of the service.
    const later = (act: () => void): void => queueMicrotask(act)
    return {
      answer: (request) => this.#answer(request, name, dependency),
      send: (bytes) => (this.#ready ? client.send(bytes) : later(() => client.send(bytes))),
      close: (how) => (this.#ready ? client.close(how) : later(() => client.close(how))),
      startTls: (rest) => client.startTls(rest),
      schedule: (delayMs, run) => this.#schedule(delayMs, run),
      address: client.address,
      keepTiming: this.#options.keepTiming,
      shared,
      ...(credentials !== undefined && { credentials }),
      recorded: (operation) => {
        const known = recorded.get(operation)
        if (known !== undefined) return known
        const found = this.#options.calls
          .filter((call) => call.protocol === name && call.operation === operation)
          .map((call) => contentOf(call))
        recorded.set(operation, found)
        return found
      },
    }
  }

  #answer(
    asked: MockRequest,
    spoken: ProtocolName,
    dependency: string,
  ): MockAnswer | { type: 'miss'; message: string } {
    const { protocol = spoken } = asked
    const rules = findProtocol(protocol)?.match
    const waits = rules?.idle?.(asked.request) !== undefined
    const live: LiveCall = {
      ...asked,
      protocol,
      dependency,
      key: rules?.key(asked.request) ?? asked.request,
      waits,
      at: Date.now(),
    }
    const answer = this.#options.answer(live, this)
    if (answer.type === 'answer') return answer
    if (asked.lifetime === 'test' && !waits) answer.count()
    return { type: 'miss', message: answer.message }
  }

  #schedule(delayMs: number, run: () => void): () => void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      run()
    }, delayMs)
    this.#timers.add(timer)
    return () => {
      clearTimeout(timer)
      this.#timers.delete(timer)
    }
  }
}

function contentOf(call: RecordedCall): { readonly request: Value; readonly response?: Value } {
  const response = call.response()
  return { request: call.request(), ...(response !== undefined && { response }) }
}
