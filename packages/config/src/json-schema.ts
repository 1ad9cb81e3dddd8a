import { z } from 'zod'

import { defaults } from './defaults.ts'
import { writtenConfigSchema } from './schema/written-config.ts'

/** The parts of JSON Schema that ours is made of. */
export interface SchemaNode {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
}

interface OpenNode extends Record<string, unknown> {
  properties?: Record<string, OpenNode>
}

/** Puts each default beside its key. A section itself gets none: its keys have them. */
function addDefaults(node: OpenNode, values: Readonly<Record<string, unknown>>): void {
  for (const [name, child] of Object.entries(node.properties ?? {})) {
    const value = values[name]
    if (value === undefined) continue
    if (child.properties) addDefaults(child, value as Record<string, unknown>)
    else child['default'] = value
  }
}

let cached: SchemaNode | undefined

/**
 * The JSON Schema of `keploy.yml`, for editors and for checks. The committed file
 * `schema/keploy.schema.json` is exactly this.
 *
 * @example
 * JSON.stringify(configJsonSchema(), null, 2)
 */
export function configJsonSchema(): SchemaNode {
  if (cached) return cached
  const schema = z.toJSONSchema(writtenConfigSchema, { io: 'input', unrepresentable: 'any' }) as OpenNode
  addDefaults(schema, defaults)
  cached = { title: 'keploy.yml', ...schema } as SchemaNode
  return cached
}

/** The schema of what stands at a path, or nothing where the schema does not know the path. */
export function schemaAt(path: readonly (string | number)[]): SchemaNode | undefined {
  let node: SchemaNode | undefined = configJsonSchema()
  for (const step of path) {
    if (node === undefined) return undefined
    node = childSchema(node, step)
  }
  return node
}

/** The schema of one child: a key of a section, an entry of a map, or an item of a list. */
export function childSchema(node: SchemaNode, step: string | number): SchemaNode | undefined {
  for (const option of node.anyOf ?? []) {
    const found = childSchema(option, step)
    if (found) return found
  }
  if (typeof step === 'number') return node.items
  if (node.properties && Object.hasOwn(node.properties, step)) return node.properties[step]
  return typeof node.additionalProperties === 'object' && node.additionalProperties.properties === undefined
    ? emptyToNothing(node.additionalProperties)
    : typeof node.additionalProperties === 'object'
      ? node.additionalProperties
      : undefined
}

/** `additionalProperties: {}` says "any key, unknown to us", which is not a schema of a child. */
function emptyToNothing(node: SchemaNode): SchemaNode | undefined {
  return Object.keys(node).length === 0 ? undefined : node
}
