import type { MockKind } from '../documents/kinds.ts'
import { parseTimestamp } from '../test-case/timestamp.ts'

/** What says of a mock what it is and whose, without what was asked and answered. */
export interface MockHead {
  readonly kind: MockKind
  readonly name: string
  readonly version: string
  /** Keploy's `spec.metadata`, values as text. */
  readonly metadata: ReadonlyMap<string, string>
  /** How long it lasts: for the whole set, for a connection, or for one test. */
  readonly lifetime: 'session' | 'connection' | 'perTest'
  readonly connectionId?: string
  /** Milliseconds since the epoch; 0 when unknown. */
  readonly requestAt: number
}

/** Makes the head of what a document says. */
export function headOf(source: {
  readonly kind: MockKind
  readonly version: string
  readonly name: string
  readonly metadata: ReadonlyMap<string, string>
  readonly connectionId: string | undefined
  readonly requestTime: string | undefined
}): MockHead {
  const { kind, version, name, metadata } = source
  const connectionId = source.connectionId ?? metadata.get('connID')
  return {
    kind,
    version,
    name,
    metadata,
    lifetime: lifetimeOf(kind, metadata, connectionId),
    ...(connectionId === undefined || connectionId === '' ? {} : { connectionId }),
    requestAt: parseTimestamp(source.requestTime),
  }
}

const untaggedAreSession = new Set(['Http', 'Http2', 'MySQL', 'Postgres', 'PostgresV2', 'Generic', 'DNS'])

function lifetimeOf(
  kind: string,
  metadata: ReadonlyMap<string, string>,
  connectionId: string | undefined,
): MockHead['lifetime'] {
  const named = metadata.get('lifetime')
  if (named === 'session' || named === 'connection' || named === 'perTest') return named
  const type = metadata.get('type')
  if (type === 'config') return 'session'
  if (type === 'connection') return connectionId === undefined || connectionId === '' ? 'session' : 'connection'
  if (type === undefined || type === '') return untaggedAreSession.has(kind) ? 'session' : 'perTest'
  return 'perTest'
}
