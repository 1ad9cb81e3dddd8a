import { randomUUID } from 'node:crypto'
import { readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import type { InputIssue } from '@keploy-framework/format'

import { checkConfig } from './check-config.ts'
import { ConfigError } from './config-error.ts'
import { editConfig } from './edit-config.ts'
import { CONFIG_FILES, loadConfig, type LoadConfigOptions, type LoadedConfig } from './load-config.ts'
import type { ConfigSource } from './merge-layers.ts'
import { parseYaml } from './parse-config.ts'
import type { ResolvedConfig } from './resolved-config.ts'
import type { WrittenConfig } from './schema/written-config.ts'
import { copyTree, type Tree } from './tree.ts'
import { watchConfig, type ConfigWatcher, type WatchConfigOptions } from './watch-config.ts'

export interface ValidateConfigOptions {
  /** Name of the file in problems. */
  readonly file?: string
}

/** Values by path (`'test.apiTimeout'`); `undefined` takes a key away. */
export type ConfigChanges = Readonly<Record<string, unknown>>

/**
 * A loaded `keploy.yml`.
 *
 * @example
 * const keploy = await KeployConfig.load()
 * if (!keploy.valid) throw new Error(keploy.issues[0]?.message)
 * await keploy.save({ 'test.minPassRate': 0.8 })
 */
export class KeployConfig {
  readonly config: ResolvedConfig
  readonly issues: readonly InputIssue[]
  readonly sources: ReadonlyMap<string, ConfigSource>
  /** The file that was read, absolute; absent when there is none. */
  readonly file: string | undefined
  readonly #options: LoadConfigOptions

  constructor(loaded: LoadedConfig, options: LoadConfigOptions = {}) {
    this.config = loaded.config
    this.issues = loaded.issues
    this.sources = loaded.sources
    this.file = loaded.file
    this.#options = options
  }

  /** Whether there are no errors; warnings are fine. */
  get valid(): boolean {
    return this.issues.every((issue) => issue.severity !== 'error')
  }

  /** Reads the configuration; what is wrong with it comes as `issues`. */
  static async load(options: LoadConfigOptions = {}): Promise<KeployConfig> {
    return new KeployConfig(await loadConfig(options), options)
  }

  /** What is wrong with the text of a file, or with values of the same form. */
  static validate(written: string | WrittenConfig, options: ValidateConfigOptions = {}): InputIssue[] {
    const file = options.file === undefined ? {} : { file: options.file }
    if (typeof written !== 'string') {
      return checkConfig(copyTree(written) as Tree, { locate: () => file }).issues
    }
    const parsed = parseYaml(written, options)
    if (parsed.issues.length > 0) return [...parsed.issues]
    return checkConfig(parsed.tree, { locate: (path, what) => ({ ...file, ...parsed.locate(path, what) }) }).issues
  }

  /**
   * Changes values of a file, and nothing else in it; makes the file when there is none. The change is checked first.
   * @throws {ConfigError} `KEPLOY_CONFIG_EDIT` when the result would be worse than before, `KEPLOY_CONFIG_WRITE` when the file cannot
   * be written.
   */
  static async save(file: string, changes: ConfigChanges): Promise<void> {
    const before = await readText(file)
    let text = before
    for (const [path, value] of Object.entries(changes)) text = editConfig(text, path, value)
    if (text === before) return
    const known = new Set(errorsOf(before))
    const worse = KeployConfig.validate(text).find((issue) => issue.severity === 'error' && !known.has(issue.message))
    if (worse)
      throw new ConfigError(
        'KEPLOY_CONFIG_EDIT',
        `${file} was not changed: ${worse.message} ${worse.suggestion ?? ''}`.trim(),
      )
    await replaceFile(file, text)
  }

  /** Follows the files; the last good configuration stays current while they have errors. */
  static watch(options: WatchConfigOptions = {}): Promise<ConfigWatcher> {
    return watchConfig(options)
  }

  /** Changes values in the file this was read from, and returns what it reads then. */
  async save(changes: ConfigChanges): Promise<KeployConfig> {
    const cwd = resolve(this.#options.cwd ?? process.cwd())
    const file = this.file ?? resolve(cwd, this.#options.file ?? join(cwd, CONFIG_FILES[0] ?? 'keploy.yml'))
    await KeployConfig.save(file, changes)
    return KeployConfig.load(this.#options)
  }
}

function errorsOf(text: string): string[] {
  return KeployConfig.validate(text)
    .filter((issue) => issue.severity === 'error')
    .map((issue) => issue.message)
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw new ConfigError('KEPLOY_CONFIG_READ', `${file} cannot be read. Check its permissions.`, { cause: error })
  }
}

/** Writes beside and renames, so that a reader never sees half a file. */
async function replaceFile(name: string, text: string): Promise<void> {
  // A link stays a link.
  const file = await realpath(name).catch(() => name)
  const beside = `${file}.${randomUUID()}.tmp`
  try {
    const mode = await stat(file).then(
      (found) => found.mode & 0o777,
      () => 0o644,
    )
    await writeFile(beside, text, { mode })
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw new ConfigError(
      'KEPLOY_CONFIG_WRITE',
      `${file} cannot be written. Check the permissions of its folder and the space on the disk.`,
      {
        cause: error,
      },
    )
  }
}
