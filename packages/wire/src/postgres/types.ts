/** Types whose oids are fixed: oid, name, size in bytes (-1: varies), oid of the array of it (pg_type.dat of PostgreSQL). */
const table: readonly (readonly [oid: number, name: string, size: number, array: number])[] = [
  [16, 'bool', 1, 1000],
  [17, 'bytea', -1, 1001],
  [18, 'char', 1, 1002],
  [19, 'name', 64, 1003],
  [20, 'int8', 8, 1016],
  [21, 'int2', 2, 1005],
  [22, 'int2vector', -1, 1006],
  [23, 'int4', 4, 1007],
  [24, 'regproc', 4, 1008],
  [25, 'text', -1, 1009],
  [26, 'oid', 4, 1028],
  [27, 'tid', 6, 1010],
  [28, 'xid', 4, 1011],
  [29, 'cid', 4, 1012],
  [30, 'oidvector', -1, 1013],
  [114, 'json', -1, 199],
  [142, 'xml', -1, 143],
  [194, 'pg_node_tree', -1, 0],
  [600, 'point', 16, 1017],
  [650, 'cidr', -1, 651],
  [700, 'float4', 4, 1021],
  [701, 'float8', 8, 1022],
  [705, 'unknown', -2, 0],
  [790, 'money', 8, 791],
  [829, 'macaddr', 6, 1040],
  [869, 'inet', -1, 1041],
  [1042, 'bpchar', -1, 1014],
  [1043, 'varchar', -1, 1015],
  [1082, 'date', 4, 1182],
  [1083, 'time', 8, 1183],
  [1114, 'timestamp', 8, 1115],
  [1184, 'timestamptz', 8, 1185],
  [1186, 'interval', 16, 1187],
  [1266, 'timetz', 12, 1270],
  [1560, 'bit', -1, 1561],
  [1562, 'varbit', -1, 1563],
  [1700, 'numeric', -1, 1231],
  [2205, 'regclass', 4, 2210],
  [2206, 'regtype', 4, 2211],
  [2249, 'record', -1, 2287],
  [2278, 'void', 4, 0],
  [2950, 'uuid', 16, 2951],
  [3614, 'tsvector', -1, 3643],
  [3802, 'jsonb', -1, 3807],
]

interface TypeFacts {
  readonly oid: number
  readonly name: string
  readonly size: number
  /** For an array: the oid of its elements. */
  readonly element?: number
}

const facts: readonly TypeFacts[] = table.flatMap(([oid, name, size, array]) => [
  { oid, name, size },
  ...(array === 0 ? [] : [{ oid: array, name: `${name}[]`, size: -1, element: oid }]),
])
const byOid = new Map(facts.map((type) => [type.oid, type]))
const byName = new Map(facts.map((type) => [type.name, type]))

/** What is known of a type by its oid. */
export function typeOfOid(oid: number): TypeFacts | undefined {
  return byOid.get(oid)
}

/** A type in a tree: its name where the oid is one of Postgres itself, else the oid. */
export function typeName(oid: number): string | number {
  return byOid.get(oid)?.name ?? oid
}

/** The oid of what `typeName` gave; 0 for anything else. */
export function oidOf(type: unknown): number {
  if (typeof type === 'number') return type
  if (typeof type !== 'string') return 0
  return byName.get(type)?.oid ?? (/^\d+$/.test(type) ? Number(type) : 0)
}
