import type { Call, CallCause } from '@keploy-framework/format'
import type { ActiveTest, CallMatch, LiveCall } from '@keploy-framework/match'
import { findProtocol } from '@keploy-framework/wire'

/** Gathers the calls of a replay against real dependencies that the recording does not have. */
export class MissingCalls {
  readonly #numbers = new Map<string, number>()
  readonly #calls: Call[] = []
  readonly #answer: (live: LiveCall) => CallMatch
  readonly #active: () => readonly ActiveTest[]

  constructor(answer: (live: LiveCall) => CallMatch, active: () => readonly ActiveTest[]) {
    this.#answer = answer
    this.#active = active
  }

  get calls(): readonly Call[] {
    return this.#calls
  }

  /** Which number stands for which test in the cause of a call. */
  get tests(): ReadonlyMap<number, string> {
    return new Map([...this.#numbers].map(([name, number]) => [number, name]))
  }

  /** The tests under way, as the cause of a call that begins now. */
  cause(): CallCause | undefined {
    const [first, ...others] = this.#active().map(({ name }) => this.#numberOf(name))
    if (first === undefined) return undefined
    if (others.length === 0) return { exchange: first, certainty: 'certain' }
    return { exchange: first, certainty: 'ambiguous', among: [first, ...others] }
  }

  /** A call has ended: what the recording has is used up, the rest is kept. */
  take(call: Call): void {
    const { protocol, dependency, operation, lifetime, request } = call
    if (request !== null) {
      const key = findProtocol(protocol)?.match.key(request) ?? request
      if (this.#answer({ protocol, dependency, operation, lifetime, request, key }).type === 'match') return
    }
    this.#calls.push(call)
  }

  #numberOf(name: string): number {
    const number = this.#numbers.get(name) ?? this.#numbers.size + 1
    this.#numbers.set(name, number)
    return number
  }
}
