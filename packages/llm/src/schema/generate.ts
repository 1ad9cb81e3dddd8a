import { arrayOf, isObject, type JsonObject, numberOf, textOf } from '../json.ts'
import { resolveRef } from './resolve-ref.ts'

/** Deeper than this a schema that contains itself is ended with its simplest branch. */
const DEPTH = 6

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00Z',
  duration: 'PT1M',
  email: 'someone@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
}

/**
 * A value that satisfies a schema: the same one each time. A text with a `pattern` is not made up; what comes out is
 * checked like any scripted reply.
 */
export function generateFromSchema(schema: JsonObject): unknown {
  return make(schema, schema, 0, '')
}

function make(schema: unknown, root: JsonObject, depth: number, name: string): unknown {
  if (!isObject(schema)) return null
  const ref = textOf(schema['$ref'])
  if (ref !== undefined) return make(resolveRef(ref, root), root, depth + 1, name)
  if ('const' in schema) return schema['const']
  if (Array.isArray(schema['enum'])) return arrayOf(schema['enum'])[0]
  for (const key of ['anyOf', 'oneOf'] as const) {
    const branches = arrayOf(schema[key])
    if (branches.length > 0) return make(depth > DEPTH ? simplest(branches) : branches[0], root, depth + 1, name)
  }
  const all = arrayOf(schema['allOf'])
  if (all.length > 0) return Object.assign({}, ...all.map((one) => make(one, root, depth + 1, name))) as unknown
  const types = [schema['type']].flat()
  const type =
    depth > DEPTH && types.includes('null') ? 'null' : (types[0] ?? (schema['properties'] ? 'object' : 'string'))
  switch (type) {
    case 'object':
      return makeObject(schema, root, depth)
    case 'array': {
      const count = Math.max(numberOf(schema['minItems']) ?? (depth > DEPTH ? 0 : 1), 0)
      return Array.from({ length: Math.min(count, numberOf(schema['maxItems']) ?? count) }, () =>
        make(schema['items'] ?? {}, root, depth + 1, name),
      )
    }
    case 'integer':
    case 'number':
      return makeNumber(schema)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return makeText(schema, name)
  }
}

function makeObject(schema: JsonObject, root: JsonObject, depth: number): Record<string, unknown> {
  const properties = isObject(schema['properties']) ? schema['properties'] : {}
  const required = arrayOf(schema['required'])
  return Object.fromEntries(
    Object.entries(properties)
      // An optional property that contains the schema again would go on for ever.
      .filter(([key]) => required.includes(key) || depth <= DEPTH)
      .map(([key, one]) => [key, make(one, root, depth + 1, key)]),
  )
}

function makeNumber(schema: JsonObject): number {
  const least = numberOf(schema['minimum'])
  const above = numberOf(schema['exclusiveMinimum'])
  const most = numberOf(schema['maximum'])
  const below = numberOf(schema['exclusiveMaximum'])
  const step = numberOf(schema['multipleOf']) ?? 1
  let value = least ?? (above === undefined ? 0 : above + step)
  if (most !== undefined && value > most) value = most
  if (below !== undefined && value >= below) value = below - step
  return Math.ceil(value / step) * step
}

function makeText(schema: JsonObject, name: string): string {
  const text = formats[textOf(schema['format']) ?? ''] ?? (name === '' ? 'text' : name)
  const padded = text.padEnd(numberOf(schema['minLength']) ?? 0, 'x')
  return Array.from(padded)
    .slice(0, numberOf(schema['maxLength']) ?? padded.length)
    .join('')
}

function simplest(branches: readonly unknown[]): unknown {
  return branches.find((branch) => isObject(branch) && branch['type'] === 'null') ?? branches.at(-1)
}
