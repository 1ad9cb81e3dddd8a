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

/** Whether messages of a version can be read. */
export function reads(schema: ApiSchema, version: number): boolean {
  return version >= schema.versions[0] && version <= schema.versions[1]
}
