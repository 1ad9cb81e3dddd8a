import { writtenVersion } from '../defaults.ts'
import type { MockKind } from '../documents/kinds.ts'
import { formatTimestamp } from '../test-case/timestamp.ts'
import { emitYaml, RawText } from '../yaml/emit.ts'
import type { YamlValue } from '../yaml/values.ts'

/** A mock that is to be written. */
export interface NewMock {
  readonly kind: MockKind
  readonly name: string
  readonly metadata: Readonly<Record<string, string>>
  /** What the kind has beside metadata and time stamps. */
  readonly spec: Readonly<Record<string, YamlValue>>
  /** Milliseconds since the epoch. */
  readonly requestAt: number
  readonly responseAt: number
  readonly connectionId?: string
}

/** Kinds whose structs have no names for YAML: their time stamps are spelled in lower case. */
const LOWER_CASE: ReadonlySet<MockKind> = new Set(['Generic', 'Redis', 'Kafka', 'Postgres'])

/**
 * Writes a mock as a document of a file of mocks, in the shape of Keploy 3: four spaces a level.
 *
 * @example
 * const text = formatMock({ kind: 'Redis', name: 'mock-0', metadata: {}, spec: {}, requestAt: 0, responseAt: 0 })
 */
export function formatMock(mock: NewMock): string {
  const lower = LOWER_CASE.has(mock.kind)
  const document = {
    version: writtenVersion,
    kind: mock.kind,
    name: mock.name,
    spec: {
      metadata: mock.metadata,
      ...mock.spec,
      ...(lower ? {} : { created: Math.floor(mock.requestAt / 1000) }),
      [lower ? 'reqtimestampmock' : 'reqTimestampMock']: new RawText(formatTimestamp(mock.requestAt)),
      [lower ? 'restimestampmock' : 'resTimestampMock']: new RawText(formatTimestamp(mock.responseAt)),
    },
    ...(mock.connectionId === undefined ? {} : { connectionId: mock.connectionId }),
  }
  return emitYaml(document, { indent: 4 })
}
