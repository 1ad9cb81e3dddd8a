import type { InputIssue } from '@keploy-framework/format'
import type { z } from 'zod'

import { defaults } from './defaults.ts'
import { childSchema, configJsonSchema, schemaAt, type SchemaNode } from './json-schema.ts'
import { nearMiss } from './near-miss.ts'
import type { Position } from './parse-config.ts'
import { writtenConfigSchema } from './schema/written-config.ts'
import { isTree, newTree, removeAt, showPath, valueAt, type Tree } from './tree.ts'

type Path = readonly (string | number)[]

export interface CheckOptions {
  /** Adds file, line and column to problems. */
  readonly locate?: (
    path: Path,
    what: 'key' | 'value',
  ) => (Position & { file?: string }) | { file?: string } | undefined
  /** How a path is called in messages; the key itself by default. */
  readonly describe?: (path: Path) => string
}

/**
 * Checks one layer of configuration. What is wrong is taken out of the result and reported, so that the rest is usable.
 * `null` means "as if it were not written" (or an empty list, where a list belongs), as Keploy reads it.
 */
export function checkConfig(written: Tree, options: CheckOptions = {}): { tree: Tree; issues: InputIssue[] } {
  const locate = options.locate ?? (() => undefined)
  const describe = options.describe ?? showPath
  const issues: InputIssue[] = []
  const tree = tidy(written, configJsonSchema(), [], (path, suggestion) => {
    issues.push({
      code: 'KEPLOY_CONFIG_UNKNOWN_KEY',
      severity: 'warning',
      message: `${describe(path)} is not a known key; it is ignored.`,
      path: showPath(path),
      ...locate(path, 'key'),
      suggestion: `Did you mean ${suggestion}?`,
    })
  }) as Tree
  const result = writtenConfigSchema.safeParse(tree)
  const wrong = new Map<string, Path>()
  for (const issue of result.error?.issues ?? []) {
    const path = issue.path.filter((step) => typeof step !== 'symbol')
    const shown = showPath(path)
    if (wrong.has(shown)) continue
    wrong.set(shown, path)
    issues.push({
      severity: 'error',
      path: shown,
      ...explain(issue, path, describe(path), valueAt(tree, path)),
      ...locate(path, 'value'),
    })
  }
  // Two problems of one list item take it out once.
  const out = new Map([...wrong.values()].map(removable).map((path) => [showPath(path), path]))
  for (const path of [...out.values()].sort(laterFirst)) removeAt(tree, path)
  return { tree, issues: [...issues, ...loose(tree, locate), ...withoutEffect(tree, locate)] }
}

/** Orders list items from the last to the first, so that the number of each is still right when its turn comes. */
function laterFirst(a: Path, b: Path): number {
  return b.length - a.length || position(b) - position(a)
}

function position(path: Path): number {
  const last = path.at(-1)
  return typeof last === 'number' ? last : -1
}

/** A required key of a list item cannot be taken out alone: the item goes. */
function removable(path: Path): Path {
  const item = path.findLastIndex((step) => typeof step === 'number')
  return item === -1 ? path : path.slice(0, item + 1)
}

function tidy(
  value: unknown,
  schema: SchemaNode | undefined,
  path: Path,
  unknown: (path: Path, suggestion: string) => void,
): unknown {
  if (Array.isArray(value))
    return value.map((item, index) => tidy(item, schema && childSchema(schema, index), [...path, index], unknown))
  if (!isTree(value)) return value
  const copy = newTree()
  for (const key of Object.keys(value)) {
    const child = schema && childSchema(schema, key)
    if (!child && schema?.properties) {
      const suggestion = nearMiss(key, Object.keys(schema.properties))
      if (suggestion !== undefined) unknown([...path, key], suggestion)
    }
    const inner = value[key]
    if (inner !== null) copy[key] = tidy(inner, child, [...path, key], unknown)
    else if (child && acceptsList(child)) copy[key] = []
  }
  return copy
}

function acceptsList(schema: SchemaNode): boolean {
  return schema.type === 'array' || (schema.anyOf?.some(acceptsList) ?? false)
}

function explain(
  issue: z.core.$ZodIssue,
  path: Path,
  name: string,
  value: unknown,
): Pick<InputIssue, 'code' | 'message' | 'suggestion'> {
  if (issue.code === 'custom' && issue.params?.['pattern'] === true) {
    return {
      code: 'KEPLOY_CONFIG_PATTERN',
      message: `${name} is not a regular expression that can be used: ${issue.message}.`,
      suggestion:
        'Use RE2 syntax: no look-around and no back-references, and double each backslash inside double quotes.',
    }
  }
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    const bound = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`
    const size = issue.origin === 'string' ? 'must not be empty' : `must be ${bound}, and is ${show(value)}`
    return { code: 'KEPLOY_CONFIG_RANGE', message: `${name} ${size}.` }
  }
  if (issue.code === 'invalid_value') {
    const near = typeof value === 'string' ? nearMiss(value, issue.values.map(String)) : undefined
    return {
      code: 'KEPLOY_CONFIG_TYPE',
      message: `${name} must be one of ${issue.values.map(String).join(', ')}, and is ${show(value)}.`,
      ...(near === undefined ? {} : { suggestion: `Did you mean ${near}?` }),
    }
  }
  if (value === undefined) {
    return {
      code: 'KEPLOY_CONFIG_MISSING',
      message: `${name} is missing.`,
      suggestion: `Add it, or remove the entry that it belongs to.`,
    }
  }
  const expected = issue.code === 'invalid_type' ? typeName(schemaAt(path)?.type ?? issue.expected) : issue.message
  const suggestion = fitting(expected, value)
  return {
    code: 'KEPLOY_CONFIG_TYPE',
    message: `${name} must be ${expected}, and is ${show(value)}.`,
    ...(suggestion === undefined ? {} : { suggestion }),
  }
}

function typeName(type: string): string {
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    integer: 'a whole number',
    boolean: 'true or false',
    object: 'a map of keys to values',
    record: 'a map of keys to values',
    array: 'a list',
  }
  return names[type] ?? type
}

function fitting(expected: string, value: unknown): string | undefined {
  if (expected === 'text' && (typeof value === 'number' || typeof value === 'boolean'))
    return `Put quotes around it: "${value}".`
  if (expected.includes('number') && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value))
    return `Remove the quotes: ${value}.`
  if (expected === 'true or false' && typeof value === 'string') {
    if (/^(yes|on|true|1)$/i.test(value)) return 'Write true.'
    if (/^(no|off|false|0)$/i.test(value)) return 'Write false.'
  }
  if (expected === 'a list' && (typeof value === 'string' || typeof value === 'number'))
    return `Write it as a list: [${value}].`
  return undefined
}

const SHOWN = 60

function show(value: unknown): string {
  if (typeof value === 'string') {
    const cut = value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value
    return `the text ${JSON.stringify(cut)}`
  }
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return JSON.stringify(value) ?? 'nothing'
}

/** Settings that keep their meaning and make the comparison weaker than it would be without them. */
function loose(tree: Tree, locate: NonNullable<CheckOptions['locate']>): InputIssue[] {
  const path = ['test', 'ignoreOrdering']
  if (valueAt(tree, path) !== true) return []
  return [
    {
      code: 'KEPLOY_CONFIG_LOOSE',
      severity: 'warning',
      message: 'test.ignoreOrdering is true, so an array in another order passes.',
      path: showPath(path),
      ...locate(path, 'value'),
      suggestion: 'Remove the line, or set it to false, if order matters. Keploy writes `true` into every new file.',
    },
  ]
}

/** Keys of Keploy that would change what a run does, and that nothing here carries out. */
const WITHOUT_EFFECT: readonly (readonly string[])[] = [
  ['test', 'replaceWith'],
  ['test', 'appReadyProbeAddr'],
  ['test', 'grpcPort'],
  ['test', 'ssePort'],
  ['test', 'protocol', 'sse'],
  ['test', 'protocol', 'grpc'],
  ['test', 'disableAutoHeaderNoise'],
  ['storageFormat'],
]

/** What a person asked for and does not get is said, and not passed over. */
function withoutEffect(tree: Tree, locate: NonNullable<CheckOptions['locate']>): InputIssue[] {
  const set = WITHOUT_EFFECT.filter((path) => saysSomething(valueAt(tree, path), valueAt(defaults, path)))
  return set.map((path) =>
    Object.assign(
      {
        code: 'KEPLOY_CONFIG_NO_EFFECT',
        severity: 'warning' as const,
        message: `${showPath(path)} is set, and has no effect here.`,
        path: showPath(path),
        suggestion: 'Take it out, or use --url to say where requests go.',
      },
      locate(path, 'key'),
    ),
  )
}

/** Whether any value in it differs from its default; empty maps say nothing. */
function saysSomething(value: unknown, usual: unknown): boolean {
  if (!isTree(value)) return value !== undefined && value !== usual
  return Object.keys(value).some((key) => saysSomething(value[key], valueAt(usual, [key])))
}
