import type { ProtocolName } from '@keploy-framework/format'
import { dependencyName, type Route } from '@keploy-framework/intercept'
import type { RecordedCall } from '@keploy-framework/match'
import { findProtocol } from '@keploy-framework/wire'

import type { RecordedPush } from './load-mocks.ts'

/** What each dependency spoke in the recording, and how it greeted its clients where nothing else is known of it. */
export class RecordedProtocols {
  readonly #calls: readonly RecordedCall[]
  readonly #greetings = new Map<string, RecordedCall[]>()
  readonly #greeted = new Map<string, number>()
  #found: ReadonlyMap<string, ReadonlySet<ProtocolName>> | undefined

  constructor(calls: readonly RecordedCall[], pushes: readonly RecordedPush[]) {
    this.#calls = calls
    for (const { call } of pushes) {
      if (!isGreeting(call)) continue
      const known = this.#greetings.get(call.dependency)
      if (known === undefined) this.#greetings.set(call.dependency, [call])
      else known.push(call)
    }
  }

  /**
   * Who plays a server: the protocol of its setting, unless the recording shows another one. A server that speaks first has
   * to know its protocol before the client says anything; else the client's first bytes tell.
   */
  of(route: Route): ProtocolName | 'auto' {
    const { dependency, protocol } = route
    const spoken = this.#byDependency()
    const name = spoken.has(dependency) ? dependency : [...spoken.keys()].find((key) => key.endsWith(` ${dependency}`))
    const recorded = (name === undefined ? undefined : spoken.get(name)) ?? NONE
    if (protocol !== 'auto' && (recorded.size === 0 || recorded.has(protocol))) return protocol
    const [first] = recorded
    return first !== undefined && findProtocol(first)?.speaksFirst === 'server' ? first : 'auto'
  }

  /** What the next connection is greeted with: greetings come in recorded order, and the last one again and again. */
  greeting(route: Route): RecordedCall | undefined {
    const name = dependencyName(route, 'generic')
    const greetings = this.#greetings.get(name)
    const spoken = this.#byDependency().get(name) ?? NONE
    // Where some of its connections were of another protocol, nobody knows which one this is.
    if (greetings === undefined || spoken.size > 1 || (spoken.size === 1 && !spoken.has('generic'))) return undefined
    const number = this.#greeted.get(name) ?? 0
    this.#greeted.set(name, number + 1)
    return greetings[Math.min(number, greetings.length - 1)]
  }

  #byDependency(): ReadonlyMap<string, ReadonlySet<ProtocolName>> {
    if (this.#found !== undefined) return this.#found
    const found = new Map<string, Set<ProtocolName>>()
    for (const { dependency, protocol, operation } of this.#calls) {
      // A connection that could not be made spoke nothing.
      if (protocol === 'generic' && operation === 'connect') continue
      const known = found.get(dependency)
      if (known === undefined) found.set(dependency, new Set([protocol]))
      else known.add(protocol)
    }
    this.#found = found
    return found
  }
}

const NONE: ReadonlySet<ProtocolName> = new Set()

/** In turns of bytes a server says something by itself only at the beginning: what it says later belongs to a turn. */
export function isGreeting(call: RecordedCall): boolean {
  return call.protocol === 'generic'
}
