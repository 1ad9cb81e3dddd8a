import type { ProtocolName } from '@keploy-framework/format'

import { dnsMocks } from '../dns/dns-mocks.ts'
import type { DecodedMock, MockCodec, MockContext, MockSource, MockTracker } from './mock-codec.ts'
import type { Protocol } from './protocol.ts'
import { findProtocol, protocols } from './protocols.ts'
import { toValue } from './value.ts'

/** What a document needs of earlier ones, by protocol; nothing for nearly all of them. */
export type MockContexts = ReadonlyMap<Protocol, MockContext>

/**
 * Looks at the documents of one file in their order, before any of them is decoded. What it gives for a document goes into
 * `decodeMockSource`, at once or later.
 *
 * @example
 * const see = trackMocks()
 * const context = see({ kind: 'Generic', spec: {}, lifetime: 'test' }, '0')
 */
export function trackMocks(): (mock: MockSource, connection: string) => MockContexts | undefined {
  const trackers = new Map<Protocol, MockTracker>()
  return (mock, connection) => {
    let contexts: Map<Protocol, MockContext> | undefined
    for (const protocol of protocols) {
      if (protocol.mocks.createTracker === undefined || !protocol.mocks.kinds.includes(mock.kind)) continue
      const tracker = trackers.get(protocol) ?? protocol.mocks.createTracker()
      trackers.set(protocol, tracker)
      const context = tracker.see(mock, connection)
      if (context !== undefined) contexts = (contexts ?? new Map<Protocol, MockContext>()).set(protocol, context)
    }
    return contexts
  }
}

/**
 * The calls of a document of any kind. None where no protocol reads the kind, or where the document holds none (a piece of
 * a handshake).
 *
 * @example
 * decodeMockSource({ kind: 'Generic', spec: { genericrequests: [] }, lifetime: 'test' })
 */
export function decodeMockSource(mock: MockSource, contexts?: MockContexts): DecodedMock {
  let problem: string | undefined
  for (const [codec, context] of codecsOf(mock, contexts)) {
    const decoded = codec.decode(mock, context)
    if ('calls' in decoded) return decoded
    problem ??= decoded.problem
  }
  if (problem !== undefined) return { problem }
  if (mock.kind !== 'Call') return { calls: [] }
  const name = toValue(mock.spec['protocol'])
  return { problem: `spec.protocol ${JSON.stringify(name instanceof Uint8Array ? null : name)} is none that is known` }
}

/** How calls of a protocol are written and read; of DNS too, of which there are only documents. */
export function findMockCodec(name: ProtocolName): MockCodec | undefined {
  return name === 'dns' ? dnsMocks : findProtocol(name)?.mocks
}

/** Whether documents of a kind can answer a service. */
export function isAnsweredKind(kind: MockSource['kind']): boolean {
  return protocols.some(({ mocks }) => mocks.kinds.includes(kind))
}

function codecsOf(
  mock: MockSource,
  contexts: MockContexts | undefined,
): (readonly [MockCodec, MockContext | undefined])[] {
  const { kind, spec } = mock
  if (kind === 'DNS' || (kind === 'Call' && spec['protocol'] === 'dns')) return [[dnsMocks, undefined]]
  return protocols
    .filter(({ name, mocks }) => (kind === 'Call' ? spec['protocol'] === name : mocks.kinds.includes(kind)))
    .map((protocol) => [protocol.mocks, contexts?.get(protocol)])
}
