import type { ProtocolName } from '@keploy-framework/format'

import { FirstBytes } from './first-bytes.ts'
import type { Protocol } from './protocol.ts'
import { findProtocol } from './protocols.ts'
import type { RelayRewriter, RelayStep, RewriterOptions } from './rewriter.ts'

/**
 * What a relay changes in a connection that is said to be of a protocol; nothing where that needs no change. A connection
 * that is not of the protocol, as its first bytes tell, goes on untouched, with all that was kept of it.
 *
 * @example
 * const rewriter = createRelayRewriter('postgres', { relayFor: async (host, port) => ({ host, port }), tls: 'off' })
 */
export function createRelayRewriter(name: ProtocolName, options: RewriterOptions): RelayRewriter | undefined {
  const protocol = findProtocol(name)
  const rewriter = protocol?.createRewriter?.(options)
  if (protocol === undefined || rewriter === undefined) return undefined
  // Where servers speak first, it is them who tell.
  return protocol.speaksFirst === 'server' ? rewriter : new GuardedRewriter(protocol, rewriter)
}

class GuardedRewriter implements RelayRewriter {
  readonly #rewriter: RelayRewriter
  readonly #firstBytes: FirstBytes
  #state: 'open' | 'is' | 'is not' = 'open'

  constructor(protocol: Protocol, rewriter: RelayRewriter) {
    this.#rewriter = rewriter
    this.#firstBytes = new FirstBytes(protocol)
  }

  fromClient(chunk: Uint8Array): ReturnType<RelayRewriter['fromClient']> {
    if (this.#isNot('client', chunk)) return [...this.#released('forward'), { type: 'forward', bytes: chunk }]
    return this.#rewriter.fromClient(chunk)
  }

  fromServer(chunk: Uint8Array): ReturnType<RelayRewriter['fromServer']> {
    if (this.#isNot('server', chunk)) return [...this.#released('reply'), { type: 'forward', bytes: chunk }]
    // What a server says before it was asked holds nothing to change, and is looked at by nobody.
    return this.#state === 'open' ? [{ type: 'forward', bytes: chunk }] : this.#rewriter.fromServer(chunk)
  }

  end(side: 'client' | 'server'): readonly Uint8Array[] {
    return this.#rewriter.end(side)
  }

  #isNot(from: 'client' | 'server', chunk: Uint8Array): boolean {
    if (this.#state === 'open') {
      const found = this.#firstBytes.push(from, chunk)
      if (this.#firstBytes.ruledOut) this.#state = 'is not'
      else if (found !== undefined) this.#state = 'is'
    }
    return this.#state === 'is not'
  }

  /** What was kept of the client, once. */
  #released(type: 'forward' | 'reply'): RelayStep[] {
    return this.#rewriter.end('client').map((bytes) => ({ type, bytes }))
  }
}
