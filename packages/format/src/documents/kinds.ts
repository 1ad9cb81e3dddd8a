/** The `version` strings that Keploy's documents carry. */
export const readableVersions = [
  'api.keploy.io/v1beta1',
  'api.keploy.io/v1beta2',
  'api.keploy-enterprise.io/v1beta1',
  'api.keploy-enterprise-server.io/v1beta2',
] as const

/** Whether documents of a version can be read. */
export function isReadableVersion(version: string | undefined): boolean {
  return (readableVersions as readonly (string | undefined)[]).includes(version)
}

/** The kinds of documents in files of mocks: Keploy's, and `Call`, our own for what Keploy has no kind for. */
export const mockKinds = [
  'Http',
  'Http2',
  'Generic',
  'Redis',
  'Kafka',
  'MySQL',
  'SQL',
  'Postgres',
  'PostgresV2',
  'PostgresV3',
  'Mongo',
  'gRPC',
  'DNS',
  'Aerospike',
  'Call',
  'keploy-revoked-tests',
] as const

export type MockKind = (typeof mockKinds)[number]

/** Whether a kind is one of a mock's. */
export function isMockKind(kind: string | undefined): kind is MockKind {
  return (mockKinds as readonly (string | undefined)[]).includes(kind)
}
