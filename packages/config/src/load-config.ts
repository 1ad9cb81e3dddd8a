import { open } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

import type { InputIssue } from '@keploy-framework/format'

import { checkConfig } from './check-config.ts'
import { MAX_FILE_BYTES } from './defaults.ts'
import { readEnvironment } from './environment.ts'
import { mergeLayers, type ConfigSource, type Layer } from './merge-layers.ts'
import { parseYaml } from './parse-config.ts'
import { resolveConfig } from './resolve-config.ts'
import type { ResolvedConfig } from './resolved-config.ts'
import { copyTree, isTree, newTree, setAt, type Tree } from './tree.ts'

export interface LoadConfigOptions {
  /** Folder in which `keploy.yml` is looked for. Default: the working directory. */
  readonly cwd?: string
  /** The file to read instead, relative to `cwd`; it must exist. */
  readonly file?: string
  /** Environment variables. Default: those of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /**
   * What the command line sets, above everything else: nested as in the file, or by path (`'test.apiTimeout'`).
   * `undefined` sets nothing.
   */
  readonly flags?: Readonly<Record<string, unknown>>
}

/** A configuration, what is wrong with it, and where each value comes from. */
export interface LoadedConfig {
  /** Usable even when there are errors: what is wrong is left out of it. */
  readonly config: ResolvedConfig
  readonly issues: readonly InputIssue[]
  /** The file that was read, absolute; absent when there is none. */
  readonly file?: string
  /** The local override file that was read, absolute. */
  readonly overrideFile?: string
  /** By path, `test.apiTimeout` for example. */
  readonly sources: ReadonlyMap<string, ConfigSource>
}

/** Names under which the file is looked for, first found. */
export const CONFIG_FILES: readonly string[] = ['keploy.yml', 'keploy.yaml']

/** The file, `<folder>.keploy.yml`, that changes settings on one machine. */
export function overrideFileOf(directory: string): string {
  return join(directory, `${basename(directory)}.keploy.yml`)
}

/**
 * Reads the configuration. Precedence: flag, environment (`KEPLOY_*`), local override file (`<folder>.keploy.yml`),
 * `keploy.yml`, default. Never throws for what a person wrote: problems come as `issues`.
 *
 * @example
 * const { config, issues } = await loadConfig({ flags: { 'test.retries': 2 } })
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<LoadedConfig> {
  const cwd = resolve(options.cwd ?? process.cwd())
  const issues: InputIssue[] = []
  const layers: Layer[] = []
  const main = await readFirst(
    options.file === undefined ? CONFIG_FILES.map((name) => join(cwd, name)) : [resolve(cwd, options.file)],
  )
  if ('issue' in main) {
    const missing = main.issue.code === 'KEPLOY_CONFIG_NOT_FOUND'
    if (!missing || options.file !== undefined) issues.push(main.issue)
  } else {
    addFile(main, 'file', layers, issues)
  }
  const file = 'issue' in main ? undefined : main.file
  const directory = file === undefined ? cwd : dirname(file)
  const override = await readFirst([overrideFileOf(directory)])
  if (!('issue' in override)) addFile(override, 'override', layers, issues)
  else if (override.issue.code !== 'KEPLOY_CONFIG_NOT_FOUND') issues.push(override.issue)
  addEnvironment(options.env ?? process.env, layers, issues)
  addFlags(options.flags ?? {}, layers, issues)
  const { tree, written, sources } = mergeLayers(layers)
  return {
    config: resolveConfig(tree, written, directory),
    issues,
    sources,
    ...(file === undefined ? {} : { file }),
    ...('issue' in override ? {} : { overrideFile: override.file }),
  }
}

interface ReadFile {
  readonly file: string
  readonly text: string
}

async function readFirst(files: readonly string[]): Promise<ReadFile | { issue: InputIssue }> {
  let problem: InputIssue | undefined
  for (const file of files) {
    const read = await readLimited(file)
    if ('text' in read) return read
    if (read.issue.code !== 'KEPLOY_CONFIG_NOT_FOUND') return read
    problem ??= read.issue
  }
  return { issue: problem ?? notFound('keploy.yml') }
}

/** Reads at most one byte more than is allowed, so that a huge file costs no memory. */
async function readLimited(file: string): Promise<ReadFile | { issue: InputIssue }> {
  try {
    const handle = await open(file, 'r')
    try {
      const buffer = Buffer.alloc(MAX_FILE_BYTES + 1)
      let length = 0
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length)
        if (bytesRead === 0) break
        length += bytesRead
      }
      return { file, text: buffer.toString('utf8', 0, length) }
    } finally {
      await handle.close()
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT' || code === 'ENOTDIR') return { issue: notFound(file) }
    return {
      issue: {
        code: 'KEPLOY_CONFIG_READ',
        severity: 'error',
        message: `${basename(file)} cannot be read: ${code === '' ? String(error) : code}.`,
        file,
        suggestion:
          code === 'EISDIR' ? 'A folder stands where the file belongs.' : 'Check the permissions of the file.',
      },
    }
  }
}

function notFound(file: string): InputIssue {
  return {
    code: 'KEPLOY_CONFIG_NOT_FOUND',
    severity: 'error',
    message: `There is no ${basename(file)} in ${dirname(file)}.`,
    file,
    suggestion: 'Run `keploy-framework setup` to write one.',
  }
}

function addFile(read: ReadFile, kind: 'file' | 'override', layers: Layer[], issues: InputIssue[]): void {
  const { file } = read
  const parsed = parseYaml(read.text, { file })
  issues.push(...parsed.issues)
  if (parsed.issues.length > 0) return
  const checked = checkConfig(parsed.tree, { locate: (path, what) => ({ file, ...parsed.locate(path, what) }) })
  issues.push(...checked.issues)
  layers.push({ tree: checked.tree, source: (path) => ({ kind, file, ...parsed.locate(path) }) })
}

function addEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  layers: Layer[],
  issues: InputIssue[],
): void {
  const layer = readEnvironment(env)
  const variable = (path: readonly (string | number)[]): string | undefined => {
    for (let length = path.length; length > 0; length -= 1) {
      const name = layer.names.get(path.slice(0, length).join('.'))
      if (name !== undefined) return name
    }
    return undefined
  }
  const checked = checkConfig(layer.tree, {
    describe: (path) => `The environment variable ${variable(path) ?? path.join('.')}`,
  })
  issues.push(...layer.issues, ...checked.issues)
  layers.push({
    tree: checked.tree,
    source: (path) => {
      const name = variable(path)
      return name === undefined ? { kind: 'environment' } : { kind: 'environment', variable: name }
    },
  })
}

function addFlags(flags: Readonly<Record<string, unknown>>, layers: Layer[], issues: InputIssue[]): void {
  const tree = newTree()
  for (const [name, value] of Object.entries(flags)) {
    if (value === undefined) continue
    if (isTree(value)) mergeInto(tree, name, value)
    else setAt(tree, name.split('.'), value)
  }
  const checked = checkConfig(tree, { describe: (path) => `The option for ${path.join('.')}` })
  issues.push(...checked.issues)
  layers.push({ tree: checked.tree, source: () => ({ kind: 'flag' }) })
}

function mergeInto(tree: Tree, name: string, value: Tree): void {
  const walk = (inner: Tree, path: readonly string[]): void => {
    const keys = Object.keys(inner).filter((key) => inner[key] !== undefined)
    if (keys.length === 0) setAt(tree, path, newTree())
    for (const key of keys) {
      const child = inner[key]
      if (isTree(child)) walk(child, [...path, key])
      else setAt(tree, [...path, key], copyTree(child))
    }
  }
  walk(value, name.split('.'))
}
