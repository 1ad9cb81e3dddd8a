import type { InputIssue } from '@keploy-framework/format'
import { parse } from 'yaml'

import { configJsonSchema, type SchemaNode } from './json-schema.ts'
import { nearMiss } from './near-miss.ts'
import { newTree, setAt, type Tree } from './tree.ts'

const PREFIX = 'KEPLOY_'

/** One setting that the environment gives. */
export interface EnvironmentLayer {
  readonly tree: Tree
  /** Path to the name of the variable. */
  readonly names: ReadonlyMap<string, string>
  readonly issues: readonly InputIssue[]
}

/** Path of every key that a variable may set, by its name without case and underscores. */
export function environmentKeys(): ReadonlyMap<string, readonly string[]> {
  const keys = new Map<string, readonly string[]>()
  const walk = (node: SchemaNode, path: readonly string[]): void => {
    for (const [name, child] of Object.entries(node.properties ?? {})) {
      const inner = [...path, name]
      if (child.properties) walk(child, inner)
      else keys.set(plain(inner.join('')), inner)
    }
  }
  walk(configJsonSchema(), [])
  return keys
}

/**
 * The name of the variable that sets a key: `KEPLOY_` and the key in capitals, with underscores between its words.
 *
 * @example
 * environmentName('test.apiTimeout') // 'KEPLOY_TEST_API_TIMEOUT'
 */
export function environmentName(path: string): string {
  const words = path.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').replaceAll(/[.-]/g, '_')
  return PREFIX + words.toUpperCase()
}

/** Reads settings from the environment. Variables that are no setting are left alone. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): EnvironmentLayer {
  const tree = newTree()
  const names = new Map<string, string>()
  const issues: InputIssue[] = []
  let keys: ReadonlyMap<string, readonly string[]> | undefined
  for (const name of Object.keys(env).sort()) {
    const value = env[name]
    if (!name.startsWith(PREFIX) || value === undefined) continue
    keys ??= environmentKeys()
    const path = keys.get(plain(name.slice(PREFIX.length)))
    if (path) {
      setAt(tree, path, fromText(value, path))
      names.set(path.join('.'), name)
      continue
    }
    const near = misspelt(name, keys)
    if (near !== undefined) {
      issues.push({
        code: 'KEPLOY_CONFIG_UNKNOWN_KEY',
        severity: 'warning',
        message: `The environment variable ${name} sets nothing.`,
        suggestion: `Did you mean ${near}?`,
      })
    }
  }
  return { tree, names, issues }
}

/** Only names that begin like a section can be meant as settings: other tools use the prefix too. */
function misspelt(name: string, keys: ReadonlyMap<string, readonly string[]>): string | undefined {
  if (!/^KEPLOY_(?:TEST|RECORD|REDACT|REPORT|COMPARE|MENU)_/.test(name)) return undefined
  const near = nearMiss(name.slice(PREFIX.length), keys.keys())
  const path = near === undefined ? undefined : keys.get(near)
  return path && environmentName(path.join('.'))
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z\d]/g, '')
}

/** Text stays text where text belongs; lists may be written `a,b`; anything else is read as YAML. */
function fromText(value: string, path: readonly string[]): unknown {
  let node: SchemaNode | undefined = configJsonSchema()
  for (const step of path) node = node?.properties?.[step]
  if (node?.type === 'string') return value
  if (node?.type === 'boolean' && /^(?:1|yes|on)$/i.test(value)) return true
  if (node?.type === 'boolean' && /^(?:0|no|off)$/i.test(value)) return false
  if (node?.type === 'array' && !/^\s*\[/.test(value)) {
    return value === '' ? [] : value.split(',').map((item) => item.trim())
  }
  try {
    return parse(value, { maxAliasCount: 0 }) as unknown
  } catch {
    return value
  }
}
