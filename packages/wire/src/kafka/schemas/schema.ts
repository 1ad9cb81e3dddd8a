/** The type of a field on the wire; the names are those of Kafka's message definitions. */
export type FieldType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records'
  | 'struct'

/** One field of a message. */
export interface Field {
  readonly name: string
  readonly type: FieldType
  readonly array: boolean
  readonly nullable: boolean
  /** The first and the last version that have it. */
  readonly since: number
  readonly until: number
  /** What is written when a tree does not have it. Absent: zero, or empty. */
  readonly standard?: null | boolean | number
  /** Its number where it stands among the tagged fields. */
  readonly tag?: number
  /** Fields of a struct. */
  readonly fields: readonly Field[]
}

/** One request of the protocol and its answer. */
export interface ApiSchema {
  readonly name: string
  readonly key: number
  /** The versions that are read and written. */
  readonly versions: readonly [least: number, most: number]
  /** The first version with compact lengths and tagged fields. */
  readonly flexibleSince: number
  readonly request: readonly Field[]
  readonly response: readonly Field[]
}

/**
 * Declares an API. A field stands on one line as `name type[?] [versions] [=default] [#tag]`; the fields of a struct are
 * indented below it.
 */
export function api(
  name: string,
  key: number,
  versions: readonly [number, number],
  flexibleSince: number | undefined,
  text: { readonly request: string; readonly response: string },
): ApiSchema {
  return {
    name,
    key,
    versions,
    flexibleSince: flexibleSince ?? Number.POSITIVE_INFINITY,
    request: parseFields(text.request),
    response: parseFields(text.response),
  }
}

const LINE = /^( *)(\w+) (\[\])?(\w+)(\?)?(?: (\d+)(?:(\+)|-(\d+)))?(?: =(\S+))?(?: #(\d+))?$/

/** Reads the declaration of fields. */
export function parseFields(text: string): readonly Field[] {
  const root: Field[] = []
  const open: { readonly indent: number; readonly fields: Field[] }[] = [{ indent: -1, fields: root }]
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const match = LINE.exec(line.trimEnd())
    if (match === null) throw new TypeError(`not the declaration of a field: ${line}`)
    const [, space = '', name = '', array, type = '', nullable, since, openEnd, until, standard, tag] = match
    while ((open.at(-1)?.indent ?? -1) >= space.length) open.pop()
    const fields: Field[] = []
    open.at(-1)?.fields.push({
      name,
      type: type as FieldType,
      array: array !== undefined,
      nullable: nullable !== undefined,
      since: Number(since ?? 0),
      until: since === undefined || openEnd !== undefined ? Number.POSITIVE_INFINITY : Number(until),
      ...(standard !== undefined && { standard: JSON.parse(standard) as null | boolean | number }),
      ...(tag !== undefined && { tag: Number(tag) }),
      fields,
    })
    open.push({ indent: space.length, fields })
  }
  return root
}
