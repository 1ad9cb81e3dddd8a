import { defaults } from './defaults.ts'
import { childSchema, configJsonSchema, type SchemaNode } from './json-schema.ts'
import { copyTree, isTree, newTree, showPath, type Tree } from './tree.ts'

/** Where a value comes from. */
export interface ConfigSource {
  readonly kind: 'flag' | 'environment' | 'override' | 'file' | 'default'
  /** For a file. */
  readonly file?: string
  readonly line?: number
  readonly column?: number
  /** For the environment: the variable. */
  readonly variable?: string
}

/** One source of values. */
export interface Layer {
  readonly tree: Tree
  readonly source: (path: readonly (string | number)[]) => ConfigSource
}

/** Every value that some layer gives, the last layer winning, and where each comes from. */
export interface Merged {
  readonly tree: Tree
  /** As `tree`, without the defaults. */
  readonly written: Tree
  /** By path, `test.apiTimeout` for example. */
  readonly sources: ReadonlyMap<string, ConfigSource>
}

/**
 * Lays one layer over the other, weakest first. Maps are merged key by key; a list replaces a list as a whole, because
 * a person who writes a list means that list.
 */
export function mergeLayers(layers: readonly Layer[]): Merged {
  const written = newTree()
  const sources = new Map<string, ConfigSource>()
  const lay = (target: Tree, tree: Tree, path: readonly string[], layer: Layer): void => {
    for (const key of Object.keys(tree)) {
      const value = tree[key]
      const inner = [...path, key]
      if (isTree(value)) {
        const below = target[key]
        const merged = isTree(below) ? below : newTree()
        if (!isTree(below)) sources.delete(showPath(inner))
        target[key] = merged
        lay(merged, value, inner, layer)
      } else {
        if (isTree(target[key])) forget(sources, showPath(inner))
        target[key] = copyTree(value)
        sources.set(showPath(inner), layer.source(inner))
      }
    }
  }
  for (const layer of layers) lay(written, layer.tree, [], layer)
  const tree = fill(written, defaults, configJsonSchema(), [], sources)
  return { tree, written, sources }
}

/** A value that takes the place of a map takes the place of everything in it. */
function forget(sources: Map<string, ConfigSource>, path: string): void {
  for (const known of sources.keys()) {
    if (known.startsWith(`${path}.`) || known.startsWith(`${path}[`)) sources.delete(known)
  }
}

function fill(
  written: Tree,
  values: Tree,
  schema: SchemaNode | undefined,
  path: readonly string[],
  sources: Map<string, ConfigSource>,
): Tree {
  const result = copyTree(written) as Tree
  for (const key of Object.keys(values)) {
    const inner = [...path, key]
    const child = schema && childSchema(schema, key)
    const value = values[key]
    if (child?.properties && isTree(value)) {
      const below = result[key]
      result[key] = fill(isTree(below) ? below : newTree(), value, child, inner, sources)
    } else if (!Object.hasOwn(result, key)) {
      result[key] = copyTree(value)
      sources.set(showPath(inner), { kind: 'default' })
    }
  }
  return result
}
