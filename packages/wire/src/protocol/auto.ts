import type { ProtocolName } from '@keploy-framework/format'

import type { ConnectionCodec } from '../codec.ts'
import { genericProtocol } from '../generic/generic-protocol.ts'
import type { MockServer, MockServerOptions } from './mock-server.ts'
import type { CallEvent, Protocol, ReaderOptions } from './protocol.ts'
import { findProtocol, protocols } from './protocols.ts'

/** Bytes after which a protocol that still can't tell counts as not found. */
const ENOUGH = 256

/** What the first bytes of a connection say, from the side that sent them. */
function detect(first: Uint8Array, from: 'client' | 'server'): Protocol | undefined {
  let undecided = false
  for (const protocol of protocols) {
    if (protocol.name === 'generic' || protocol.speaksFirst !== from) continue
    const verdict = protocol.detect(first)
    if (verdict === 'yes') return protocol
    undecided ||= verdict === 'more'
  }
  return undecided && first.length < ENOUGH ? undefined : genericProtocol
}

/**
 * A reader for a connection of a protocol, or of whichever its first bytes show. What no protocol knows is read as bytes in
 * turns. `onDetected` is told once.
 *
 * @example
 * const reader = createCallReader('auto', { connection: 1, nextId: () => 1 }, (event) => console.log(event.type))
 */
export function createCallReader(
  name: ProtocolName | 'auto',
  options: ReaderOptions,
  emit: (event: CallEvent) => void,
  onDetected?: (name: ProtocolName) => void,
): ConnectionCodec {
  const known = name === 'auto' ? undefined : findProtocol(name)
  if (known !== undefined) return known.createReader(options, emit)
  let reader: ConnectionCodec | undefined
  let first: Buffer = Buffer.alloc(0)
  const waiting: { from: 'client' | 'server'; chunk: Uint8Array; at: number }[] = []
  const begin = (protocol: Protocol): ConnectionCodec => {
    reader = protocol.createReader(options, emit)
    onDetected?.(protocol.name)
    for (const { from, chunk, at } of waiting.splice(0)) reader.push(from, chunk, at)
    return reader
  }
  /** Whoever reads what came, at the end: too little to tell the protocol is bytes. */
  const atLast = (): ConnectionCodec | undefined => reader ?? (waiting.length > 0 ? begin(genericProtocol) : undefined)
  return {
    push(from, chunk, at) {
      if (reader !== undefined) {
        reader.push(from, chunk, at)
        return
      }
      waiting.push({ from, chunk, at })
      const speaker = waiting[0]?.from ?? from
      if (speaker === from) first = Buffer.concat([first, chunk])
      const protocol = detect(first, speaker) ?? (speaker === from ? undefined : genericProtocol)
      if (protocol !== undefined) begin(protocol)
    },
    end: (from, at) => atLast()?.end(from, at),
    abort: (at) => atLast()?.abort(at),
    stop: (at) => atLast()?.stop(at),
  }
}

/**
 * Plays the server of a connection of a protocol, or of whichever the client's first bytes show. `choose` is asked, once it
 * is known, for the options of that protocol.
 */
export function createCallServer(
  name: ProtocolName | 'auto',
  choose: (name: ProtocolName) => MockServerOptions,
): MockServer {
  const known = name === 'auto' ? undefined : findProtocol(name)
  if (known !== undefined) return known.createMockServer(choose(known.name))
  let server: MockServer | undefined
  let first: Buffer = Buffer.alloc(0)
  return {
    push(chunk) {
      if (server !== undefined) {
        server.push(chunk)
        return
      }
      first = Buffer.concat([first, chunk])
      const protocol = detect(first, 'client')
      if (protocol === undefined) return
      server = protocol.createMockServer(choose(protocol.name))
      server.push(first)
    },
    end: () => server?.end(),
    deliver: (message) => server?.deliver(message),
    close: () => server?.close(),
  }
}
