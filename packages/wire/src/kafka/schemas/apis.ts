import { adminApis } from './admin.ts'
import { clusterApis } from './cluster.ts'
import { groupsApis } from './groups.ts'
import { recordsApis } from './records.ts'
import type { ApiSchema } from './schema.ts'
import { transactionsApis } from './transactions.ts'

/** Every API whose messages are read. Requests of others stay bytes. */
export const apis: ReadonlyMap<number, ApiSchema> = new Map(
  [clusterApis, recordsApis, groupsApis, adminApis, transactionsApis].flat().map((schema) => [schema.key, schema]),
)

const byName: ReadonlyMap<string, ApiSchema> = new Map([...apis.values()].map((schema) => [schema.name, schema]))

/** The API of a name. */
export function apiNamed(name: string): ApiSchema | undefined {
  return byName.get(name)
}

/** Versions from which on topics have ids in the place of names. They are read, and not played. */
const BY_ID: ReadonlyMap<string, number> = new Map([
  ['Produce', 13],
  ['Fetch', 13],
])

/** The versions that clients are to use: the mock server plays them, and a recording has names in them. */
export function playedVersions({ name, versions }: ApiSchema): ApiSchema['versions'] {
  return [versions[0], Math.min(versions[1], (BY_ID.get(name) ?? Number.POSITIVE_INFINITY) - 1)]
}

/** Whether messages of a version can be read. */
export function reads(schema: ApiSchema, version: number): boolean {
  return version >= schema.versions[0] && version <= schema.versions[1]
}
