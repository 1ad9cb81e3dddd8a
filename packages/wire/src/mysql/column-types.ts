/** The codes of column and parameter types that are treated by name. */
export const columnType = {
  decimal: 0,
  tiny: 1,
  short: 2,
  long: 3,
  float: 4,
  double: 5,
  null: 6,
  timestamp: 7,
  longlong: 8,
  int24: 9,
  date: 10,
  time: 11,
  datetime: 12,
  year: 13,
  newdate: 14,
  varchar: 15,
  bit: 16,
  timestamp2: 17,
  datetime2: 18,
  time2: 19,
  vector: 242,
  invalid: 243,
  bool: 244,
  json: 245,
  newdecimal: 246,
  enum: 247,
  set: 248,
  tinyblob: 249,
  mediumblob: 250,
  longblob: 251,
  blob: 252,
  varstring: 253,
  string: 254,
  geometry: 255,
} as const

const names = new Map<number, string>(Object.entries(columnType).map(([name, code]) => [code, name]))

/** The name of a type; the code itself where it has none. */
export function typeName(code: number): string {
  return names.get(code) ?? `type${code}`
}

/** The code of a name. Default: that of a string. */
export function typeCode(name: unknown): number {
  if (typeof name === 'number') return name & 0xff
  if (typeof name !== 'string') return columnType.varstring
  const known = (columnType as Readonly<Record<string, number>>)[name]
  if (known !== undefined) return known
  const code = /^type(\d{1,3})$/.exec(name)?.[1]
  return code === undefined ? columnType.varstring : Number(code) & 0xff
}
