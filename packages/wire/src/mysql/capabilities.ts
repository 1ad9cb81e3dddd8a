/** Bits of the capabilities that matter here; the names are those of the protocol's documentation without `CLIENT_`. */
export const capability = {
  /** Set by MySQL; a MariaDB that has extended capabilities leaves it out. */
  mysql: 1n << 0n,
  connectWithDb: 1n << 3n,
  compress: 1n << 5n,
  localFiles: 1n << 7n,
  protocol41: 1n << 9n,
  ssl: 1n << 11n,
  transactions: 1n << 13n,
  secureConnection: 1n << 15n,
  multiStatements: 1n << 16n,
  multiResults: 1n << 17n,
  psMultiResults: 1n << 18n,
  pluginAuth: 1n << 19n,
  connectAttributes: 1n << 20n,
  lengthEncodedAuth: 1n << 21n,
  sessionTrack: 1n << 23n,
  deprecateEof: 1n << 24n,
  optionalMetadata: 1n << 25n,
  zstd: 1n << 26n,
  queryAttributes: 1n << 27n,
  mariadbProgress: 1n << 32n,
  mariadbBulk: 1n << 34n,
  mariadbExtendedMetadata: 1n << 35n,
  mariadbCacheMetadata: 1n << 36n,
} as const

/** Whether a set of capabilities has a bit. */
export function has(capabilities: bigint, bit: bigint): boolean {
  return (capabilities & bit) !== 0n
}

/** What both sides can do. MariaDB's extended bits count only where the server is a MariaDB and the client says so. */
export function agreed(server: bigint, client: bigint): bigint {
  const basic = 0xffffffffn
  if (has(server, capability.mysql) || has(client, capability.mysql)) return server & client & basic
  return server & client
}
