import type { LlmUse, Value } from '@keploy-framework/format'
import {
  dependencyName,
  type ClientSide,
  type ConnectionHandler,
  type Route,
  type ServedConnection,
} from '@keploy-framework/intercept'
import {
  CallMatcher,
  tiesOf,
  type ActiveTest,
  type BindingTable,
  type CallTie,
  type RecordedCall,
} from '@keploy-framework/match'
import { findProtocol } from '@keploy-framework/wire'

import { agreedProtocol } from './agreed-protocol.ts'
import { describeMiss, type MissedCall } from './describe-miss.ts'
import { LlmTally } from './llm-tally.ts'
import type { LoadedMocks, RecordedPush } from './load-mocks.ts'
import { MissingCalls } from './missing-calls.ts'
import { isGreeting, RecordedProtocols } from './recorded-protocols.ts'
import { refuseConnection, Refusals } from './refusals.ts'
import { ServedCalls, type Answered } from './served-calls.ts'
import { Settling } from './settling.ts'
import { locksOf } from './test-locks.ts'

export interface MockSessionOptions {
  /** Whether delays of recorded streams are kept. Default: false. */
  readonly keepTiming?: boolean
  readonly mayRepeat?: (call: RecordedCall) => boolean
  /** A name for a secret that a recorded answer needs and that has no value. */
  readonly describeSecret?: (number: number) => string
  /** Told of each call that nothing answered. */
  readonly onMiss?: (miss: MissedCall) => void
  /** The same, when no test is under way. */
  readonly onStray?: (miss: MissedCall) => void
}

/** What the calls of one test came to. */
export interface TestCalls {
  readonly served: number
  readonly misses: readonly MissedCall[]
  /** What its calls to language models used; absent without such calls. */
  readonly llm?: LlmUse
}

interface ActiveCalls {
  readonly table: BindingTable
  served: number
  readonly misses: MissedCall[]
  readonly llm: LlmTally
}

/** The recorded answers of one set, behind the connections of the service. */
export class MockSession {
  readonly handler: Extract<ConnectionHandler, { mode: 'replay' }>
  readonly #options: MockSessionOptions
  readonly #matcher: CallMatcher
  readonly #calls: readonly RecordedCall[]
  readonly #pushes: RecordedPush[]
  readonly #refusals: Refusals
  readonly #protocols: RecordedProtocols
  readonly #active = new Map<string, ActiveCalls>()
  readonly #connections = new Set<ServedCalls>()
  readonly #agreed = new Map<string, { readonly protocol: string | undefined }>()
  readonly #shared = new Map<string, Map<string, unknown>>()
  /** Which live connection stands for a recorded one. */
  readonly #standing = new Map<string, ServedCalls>()
  readonly #answered = new Set<string>()
  /** The values that tests have bound in whose time a server said something by itself. */
  readonly #tables = new Map<string, BindingTable>()
  /** The test of each lane that ended last: what the service does after its answer still belongs to it. */
  readonly #trailing = new Map<BindingTable, ActiveTest>()
  /** Tests that were under way at once, at most. */
  #lanes = 1
  /** Tests that ended while news that came in their time was not heard; who waits for news may hear it later. */
  readonly #unheard = new Map<string, ActiveTest>()
  readonly #settling: Settling
  /** What nothing answered while a test waits for the service. */
  #meanwhile: MissedCall[] | undefined
  #served = 0
  #missed = 0
  #strays: MissedCall[] = []

  constructor(mocks: LoadedMocks, options: MockSessionOptions = {}) {
    this.#options = options
    this.#calls = mocks.calls
    this.#pushes = mocks.pushes.filter(({ call }) => !isGreeting(call))
    this.#protocols = new RecordedProtocols(mocks.calls, mocks.pushes)
    this.#refusals = new Refusals(mocks.calls)
    this.#matcher = new CallMatcher(
      mocks.calls,
      options.mayRepeat === undefined ? {} : { mayRepeat: options.mayRepeat },
    )
    this.#settling = new Settling((before) =>
      this.#matcher.pending(before).filter((call) => !isPoll(call.protocol, call.request())),
    )
    this.handler = { mode: 'replay', serve: (route, client) => this.#serve(route, client) }
  }

  /** What the service asks of its real dependencies beyond what was recorded. */
  readonly missing = new MissingCalls(
    (live) => this.#matcher.answer(live, this.#tests()),
    () => [...this.#active].map(([name, { table }]) => ({ name, table })),
  )

  /** What tests need alone while others are under way. */
  locks(): ReturnType<typeof locksOf> {
    return locksOf(this.#calls)
  }

  /** Which tests need others before them, as their calls show. */
  ties(): CallTie[] {
    return tiesOf(this.#calls)
  }

  /** What was agreed with a server (ALPN), as the recording shows. */
  agreed(dependency: string): string | undefined {
    const known = this.#agreed.get(dependency)
    if (known !== undefined) return known.protocol
    const protocol = agreedProtocol(this.#calls, dependency)
    if (this.#agreed.size < 1000) this.#agreed.set(dependency, { protocol })
    return protocol
  }

  /**
   * Waits until the service has done by itself what it had done before this moment of the recording, in milliseconds since
   * the epoch; not where other tests are under way, nor for ever. What it asks meanwhile and nothing answers fails the test
   * that is begun next: that one was recorded after it.
   */
  async settle(before: number): Promise<void> {
    if (this.#active.size > 0) return
    this.#meanwhile = []
    await this.#settling.until(before)
  }

  /** A test is about to be sent. */
  begin(name: string, table: BindingTable): void {
    this.#matcher.begin(name)
    this.#unheard.delete(name)
    this.#active.set(name, { table, served: 0, misses: this.#meanwhile ?? [], llm: new LlmTally() })
    this.#meanwhile = undefined
    this.#lanes = Math.max(this.#lanes, this.#active.size)
  }

  /** It has its answer. */
  end(name: string): TestCalls {
    const test = this.#active.get(name)
    this.#active.delete(name)
    if (test === undefined) return { served: 0, misses: [] }
    const { table } = test
    // Behind all others: tables of tests that were tried again are not used any more.
    this.#trailing.delete(table)
    this.#trailing.set(table, { name, table })
    const oldest = this.#trailing.size > this.#lanes ? this.#trailing.keys().next().value : undefined
    if (oldest !== undefined) this.#trailing.delete(oldest)
    if (this.#matcher.unused([name]).some((call) => isPoll(call.protocol, call.request()))) {
      this.#unheard.set(name, { name, table })
    }
    if (this.#pushes.some(({ call }) => call.tests.includes(name))) this.#tables.set(name, table)
    const { use } = test.llm
    return { served: test.served, misses: test.misses, ...(use !== undefined && { llm: use }) }
  }

  /** It is tried again: its answers are there again. */
  restore(name: string): void {
    this.#matcher.restore(name)
  }

  /** Calls that nobody asked for, of these tests, and of what the service did by itself between them. */
  unused(tests?: readonly string[]): readonly RecordedCall[] {
    const own = this.#matcher.unused(tests)
    const undone = this.#settling.missed.filter((call) => call.tests.length === 0 && !this.#answered.has(call.name))
    return [...new Set([...own, ...undone])]
  }

  get stats(): { readonly served: number; readonly missed: number; readonly strays: readonly MissedCall[] } {
    return { served: this.#served, missed: this.#missed, strays: this.#strays }
  }

  #serve(route: Route, client: ClientSide): ServedConnection {
    const refused = this.#refusals.reasonFor(route, (live) => this.#refusal(live))
    if (refused !== undefined) return refuseConnection(client, refused)
    if (client.selectAlpn !== undefined && route.tls.alpn !== undefined) {
      const protocol = this.agreed(dependencyName(route, 'http'))
      if (protocol !== undefined && route.tls.alpn.includes(protocol)) client.selectAlpn(protocol)
    }
    const greeting = this.#greetingOf(route)
    const connection = new ServedCalls(route, client, {
      protocol: this.#protocols.of(route),
      ...(greeting !== undefined && { greeting }),
      keepTiming: this.#options.keepTiming ?? false,
      calls: this.#calls,
      shared: this.#shared,
      answer: (live, from) => this.#answer(live, from),
      onClose: () => {
        this.#connections.delete(connection)
        for (const [recorded, standing] of this.#standing) if (standing === connection) this.#standing.delete(recorded)
      },
    })
    this.#connections.add(connection)
    return connection
  }

  #greetingOf(route: Route): Value | undefined {
    const call = this.#protocols.greeting(route)
    if (call === undefined) return undefined
    if (!this.#answered.has(call.name)) this.#served += 1
    this.#answered.add(call.name)
    return this.#matcher.said(call, this.#testsOf({ call }))
  }

  #refusal(live: Parameters<CallMatcher['answer']>[0]): RecordedCall | undefined {
    const match = this.#matcher.answer(live, this.#tests())
    if (match.type === 'miss') return undefined
    const test = match.test === undefined ? undefined : this.#active.get(match.test)
    if (test !== undefined) test.served += 1
    this.#served += 1
    this.#answered.add(match.call.name)
    return match.call
  }

  #tests(): ActiveTest[] {
    const active = [...this.#active].map(([name, { table }]) => ({ name, table }))
    return [...active, ...[...this.#trailing.values()].reverse()]
  }

  #answer(live: Parameters<CallMatcher['answer']>[0], from: ServedCalls): Answered {
    const tests = isPoll(live.protocol, live.request) ? [...this.#tests(), ...this.#unheard.values()] : this.#tests()
    const match = this.#matcher.answer(live, tests)
    if (match.type === 'miss') {
      return {
        type: 'miss',
        message: describeMiss(live, match).message,
        count: () => this.#count(describeMiss(live, match)),
      }
    }
    if (match.missing.length > 0) {
      const names = match.missing
        .map((number) => this.#options.describeSecret?.(number) ?? `secret ${number}`)
        .join(', ')
      const asked = describeMiss(live, { type: 'miss', reason: 'unknown', differences: [] }).asked
      const message = `${live.dependency}: the recorded answer ${match.call.name} to \`${asked}\` needs ${names}, which has no value here.`
      const lines = [
        `asked: ${asked}`,
        `reason: the recorded answer ${match.call.name} needs ${names}, which has no value here.`,
      ]
      const miss: MissedCall = {
        dependency: live.dependency,
        asked,
        reason: 'secret',
        differences: [],
        message,
        lines,
      }
      return { type: 'miss', message, count: () => this.#count(miss) }
    }
    const test = match.test === undefined ? undefined : this.#active.get(match.test)
    if (test !== undefined) {
      test.served += 1
      test.llm.add(match.call)
    }
    if (match.call.lifetime === 'test') this.#served += 1
    this.#answered.add(match.call.name)
    this.#settling.answered()
    if (match.call.connection !== '') this.#standing.set(`${match.call.dependency}\n${match.call.connection}`, from)
    // What the server says by itself comes after the answer.
    if (this.#pushes.length > 0) setImmediate(() => this.#deliver())
    const { response, call } = match
    return {
      type: 'answer',
      ...(response !== undefined && { response }),
      ...(call.ended !== undefined && { ended: call.ended }),
    }
  }

  #count(miss: MissedCall): void {
    this.#missed += 1
    this.#options.onMiss?.(miss)
    const tests = [...this.#active.values()]
    // With several tests under way nobody can say whose it is: it fails them all.
    for (const test of tests) test.misses.push(miss)
    this.#meanwhile?.push(miss)
    if (tests.length > 0 || this.#meanwhile !== undefined) return
    this.#strays.push(miss)
    this.#options.onStray?.(miss)
  }

  /** The tests whose values stand in what a server says: those that it was recorded for, else what is under way. */
  #testsOf({ call }: RecordedPush): ActiveTest[] {
    const own = call.tests.flatMap((name) => {
      const table = this.#active.get(name)?.table ?? this.#tables.get(name)
      return table === undefined ? [] : [{ name, table }]
    })
    return [...own, ...this.#tests()]
  }

  /** Says what servers said by themselves, as soon as what came before it was answered. */
  #deliver(): void {
    for (const push of this.#pushes.slice()) {
      if (push.after !== undefined && !this.#answered.has(push.after)) continue
      const connection = this.#standing.get(`${push.call.dependency}\n${push.call.connection}`)
      const message: Value | undefined = this.#matcher.said(push.call, this.#testsOf(push))
      if (connection === undefined || message === undefined) continue
      this.#pushes.splice(this.#pushes.indexOf(push), 1)
      this.#served += 1
      this.#answered.add(push.call.name)
      connection.deliver(message)
    }
  }
}

/** Whether a client waits for news with this request. */
function isPoll(protocol: RecordedCall['protocol'], request: Value): boolean {
  return findProtocol(protocol)?.match.idle?.(request) !== undefined
}
