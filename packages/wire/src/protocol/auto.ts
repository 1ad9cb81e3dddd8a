import type { ProtocolName } from '@keploy-framework/format'

import type { ConnectionCodec } from '../codec.ts'
import { genericProtocol } from '../generic/generic-protocol.ts'
import { withTarget, type Authority } from '../http-calls/authority.ts'
import type { MockServer, MockServerOptions } from './mock-server.ts'
import type { CallEvent, Protocol, ReadCall, ReaderOptions } from './protocol.ts'
import { findProtocol, protocols } from './protocols.ts'

/** Bytes after which a protocol that still can't tell counts as not found. */
const ENOUGH = 256

/** Protocols whose requests name the server. */
const NAMING: ReadonlySet<ProtocolName> = new Set(['http', 'grpc'])

function named(call: ReadCall, authority: Authority): ReadCall {
  return NAMING.has(call.protocol) ? { ...call, request: withTarget(call.request, authority) } : call
}

/** What the first bytes of a connection say, from the side that sent them. */
function detect(first: Uint8Array, from: 'client' | 'server'): Protocol | undefined {
  let undecided = false
  for (const protocol of protocols) {
    if (protocol.name === 'generic') continue
    const verdict =
      protocol.speaksFirst === from ? protocol.detect(first) : from === 'server' && protocol.detectServer?.(first)
    if (verdict === 'yes') return protocol
    undecided ||= verdict === 'more'
  }
  return undecided && first.length < ENOUGH ? undefined : genericProtocol
}

/** How a connection is read whose client may have been led to a relay. */
export interface CallReaderOptions extends ReaderOptions {
  /** Calls name the target in place of the relay. */
  readonly authority?: Authority
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
 * is known, for the options of that protocol. With an `authority`, requests name the target in place of the relay.
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
