import type { CallContent, IndexedMock, MockHead, ProtocolName, Value } from '@keploy-framework/format'
import type { RecordedCall } from '@keploy-framework/match'
import { findProtocol, protocols } from '@keploy-framework/wire'

import { lifetimeOf, type DocumentCalls } from './document-calls.ts'

/** What is known of a call before its document is read. */
export interface KnownCall extends Pick<CallContent, 'protocol' | 'operation' | 'lifetime'> {
  readonly ended?: CallContent['ended']
  readonly unrecorded?: readonly string[]
}

/** A recorded call whose trees are read when somebody asks for them. */
export class LazyCall implements RecordedCall {
  readonly name: string
  readonly dependency: string
  readonly connection: string
  readonly protocol: RecordedCall['protocol']
  readonly operation: string
  readonly lifetime: RecordedCall['lifetime']
  readonly tests: readonly string[]
  readonly unrecorded?: readonly string[]
  readonly ended?: 'end' | 'reset'
  readonly at?: number
  readonly #document: DocumentCalls
  readonly #index: number

  constructor(
    head: MockHead,
    known: KnownCall,
    place: {
      readonly name: string
      readonly tests: readonly string[]
      readonly document: DocumentCalls
      readonly index: number
    },
  ) {
    const { metadata, connectionId, requestAt } = head
    this.name = place.name
    this.protocol = known.protocol
    this.operation = known.operation
    this.lifetime = known.lifetime
    this.dependency = metadata.get('dependency') ?? known.protocol
    this.connection = connectionId ?? metadata.get('connID') ?? ''
    this.tests = known.lifetime === 'test' ? place.tests : []
    const ended = known.ended ?? metadata.get('ended')
    if (ended === 'end' || ended === 'reset') this.ended = ended
    if (requestAt > 0) this.at = requestAt
    if (known.unrecorded !== undefined && known.unrecorded.length > 0) this.unrecorded = known.unrecorded
    this.#document = place.document
    this.#index = place.index
  }

  key(): Value {
    return this.#document.key(this.#index, this.unrecorded ?? [])
  }

  request(): Value {
    return this.#document.content(this.#index)?.request ?? null
  }

  response(): Value | undefined {
    return this.#document.content(this.#index)?.response
  }
}

/** What the trees of a call tell. */
export function knownOf(head: MockHead, content: CallContent): KnownCall {
  const { protocol, operation, lifetime, ended, request } = content
  // Ours tell everything; documents of others may not.
  const unrecorded = head.metadata.has('dependency') ? [] : (findProtocol(protocol)?.match.unrecorded?.(request) ?? [])
  return { protocol, operation, lifetime, unrecorded, ...(ended !== undefined && { ended }) }
}

const REQUEST = /^(?:req|grpcReq|[a-z]*requests?)$/

/**
 * What the head of a document that this tool wrote tells of its only call. Nothing for documents of others, and for what
 * a server said by itself: these have to be read.
 */
export function knownByHead({ head, scanned }: IndexedMock): KnownCall | undefined {
  if (head === undefined || scanned === undefined) return undefined
  const { kind, metadata } = head
  const operation = metadata.get('operation')
  const asked = [...scanned.keys()].find((key) => REQUEST.test(key))
  if (!metadata.has('dependency') || operation === undefined || metadata.has('after') || asked === undefined) {
    return undefined
  }
  const text = scanned.get(asked)
  if (text === '' || text === '[]' || text === '{}') return undefined
  const protocol =
    kind === 'Call'
      ? findProtocol(scanned.get('protocol') as ProtocolName)
      : protocols.find(({ mocks }) => mocks.kinds.includes(kind))
  return protocol && { protocol: protocol.name, operation, lifetime: lifetimeOf(head) }
}
