import type { ProtocolName } from '@keploy-framework/format'

import type { ConnectionCodec } from '../codec.ts'
import { genericProtocol } from '../generic/generic-protocol.ts'
import { withTarget, type Authority } from '../http-calls/authority.ts'
import { FirstBytes } from './first-bytes.ts'
import type { MockServer, MockServerOptions } from './mock-server.ts'
import type { CallEvent, Protocol, ReadCall, ReaderOptions } from './protocol.ts'
import { findProtocol } from './protocols.ts'

/** Protocols whose requests name the server. */
const NAMING: ReadonlySet<ProtocolName> = new Set(['http', 'grpc'])

function named(call: ReadCall, authority: Authority): ReadCall {
  return NAMING.has(call.protocol) ? { ...call, request: withTarget(call.request, authority) } : call
}

/** How a connection is read whose client may have been led to a relay. */
export interface CallReaderOptions extends ReaderOptions {
  /** Calls name the target in place of the relay. */
  readonly authority?: Authority
}

/**
 * A reader for a connection of a protocol, or of whichever its first bytes show. A connection that cannot be of the protocol
 * that is named is read as what it is: by its first bytes too, and as bytes in turns where no protocol knows them. One that
 * begins as the named protocol does stays with it: what it cannot read later is a gap, never bytes that may hold a password.
 * `onDetected` is told once, unless it is what was named.
 *
 * @example
 * const reader = createCallReader('auto', { connection: 1, nextId: () => 1 }, (event) => console.log(event.type))
 */
export function createCallReader(
  name: ProtocolName | 'auto',
  options: CallReaderOptions,
  emitAsRead: (event: CallEvent) => void,
  onDetected?: (name: ProtocolName) => void,
): ConnectionCodec {
  const { authority } = options
  const emit =
    authority === undefined
      ? emitAsRead
      : (event: CallEvent): void =>
          emitAsRead(event.type === 'call' ? { ...event, call: named(event.call, authority) } : event)
  const known = name === 'auto' ? undefined : findProtocol(name)
  const firstBytes = new FirstBytes(known)
  let reader: ConnectionCodec | undefined
  const waiting: { from: 'client' | 'server'; chunk: Uint8Array; at: number }[] = []
  const begin = (protocol: Protocol): ConnectionCodec => {
    reader = protocol.createReader(options, emit)
    if (protocol !== known) onDetected?.(protocol.name)
    for (const { from, chunk, at } of waiting.splice(0)) reader.push(from, chunk, at)
    return reader
  }
  /** Whoever reads what came, at the end: too little to tell the protocol is what was named, or bytes. */
  const atLast = (): ConnectionCodec | undefined =>
    reader ?? (waiting.length > 0 ? begin(known ?? genericProtocol) : undefined)
  return {
    push(from, chunk, at) {
      if (reader !== undefined) {
        reader.push(from, chunk, at)
        return
      }
      waiting.push({ from, chunk, at })
      const protocol = firstBytes.push(from, chunk)
      if (protocol !== undefined) begin(protocol)
    },
    end: (from, at) => atLast()?.end(from, at),
    abort: (at) => atLast()?.abort(at),
    stop: (at) => atLast()?.stop(at),
  }
}

/**
 * Plays the server of a connection of a protocol, or of whichever the client's first bytes show; also where they cannot be
 * of the protocol that is named, unless its servers may speak first. `choose` is asked, once it is known, for the options of
 * that protocol. With an `authority`, requests name the target in place of the relay.
 */
export function createCallServer(
  name: ProtocolName | 'auto',
  chooseAsRead: (name: ProtocolName) => MockServerOptions,
  authority?: Authority,
): MockServer {
  const choose = (protocol: ProtocolName): MockServerOptions => {
    const options = chooseAsRead(protocol)
    if (authority === undefined || !NAMING.has(protocol)) return options
    return {
      ...options,
      answer: (asked) => options.answer({ ...asked, request: withTarget(asked.request, authority) }),
    }
  }
  const known = name === 'auto' ? undefined : findProtocol(name)
  if (known?.speaksFirst === 'server' || known === genericProtocol) return known.createMockServer(choose(known.name))
  const firstBytes = new FirstBytes(known)
  let server: MockServer | undefined
  let first: Buffer = Buffer.alloc(0)
  const begin = (protocol: Protocol): MockServer => {
    server = protocol.createMockServer(choose(protocol.name))
    if (first.length > 0) server.push(first)
    return server
  }
  return {
    push(chunk) {
      if (server !== undefined) {
        server.push(chunk)
        return
      }
      first = Buffer.concat([first, chunk])
      const protocol = firstBytes.push('client', chunk)
      if (protocol !== undefined) begin(protocol)
    },
    end() {
      // A client that has nothing more to say is answered as its reader takes it.
      const last = known ?? (first.length > 0 ? genericProtocol : undefined)
      const playing = server ?? (last === undefined ? undefined : begin(last))
      playing?.end()
    },
    deliver: (message) => server?.deliver(message),
    close: () => server?.close(),
  }
}
