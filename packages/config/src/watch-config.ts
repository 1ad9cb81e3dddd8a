import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'

import { ConfigError } from './config-error.ts'
import { CONFIG_FILES, loadConfig, overrideFileOf, type LoadConfigOptions, type LoadedConfig } from './load-config.ts'

export interface WatchConfigOptions extends LoadConfigOptions {
  /** How long the files must be quiet before they are read again, in milliseconds. Default 50. */
  readonly quietMs?: number
}

/** What a change of the files came to. */
export interface ConfigChange {
  /** Whether the new configuration is good, and now the current one. */
  readonly applied: boolean
  /** What was read; with errors when it was not applied. */
  readonly loaded: LoadedConfig
}

const QUIET_MS = 50

/**
 * Follows the files of a configuration. A change that has errors is told and does not replace the last good
 * configuration. Iterate it for the changes; dispose of it to stop.
 *
 * @example
 * await using watcher = await watchConfig()
 * for await (const change of watcher) console.error(change.applied ? 'reloaded' : change.loaded.issues)
 */
export class ConfigWatcher implements AsyncDisposable, AsyncIterable<ConfigChange> {
  /** The last configuration without errors; the first one read, if none was. */
  current: LoadedConfig

  readonly #options: WatchConfigOptions
  readonly #watcher: FSWatcher
  readonly #pending: ConfigChange[] = []
  readonly #waiting: ((result: IteratorResult<ConfigChange>) => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #loading: Promise<void> | undefined
  #seen: string
  #closed = false

  constructor(first: LoadedConfig, options: WatchConfigOptions) {
    this.current = first
    this.#options = options
    this.#seen = fingerprint(first)
    const cwd = resolve(options.cwd ?? process.cwd())
    const file = options.file === undefined ? undefined : resolve(cwd, options.file)
    const directory = file === undefined ? cwd : dirname(file)
    const names = new Set([
      ...(file === undefined ? CONFIG_FILES : [basename(file)]),
      basename(overrideFileOf(directory)),
    ])
    // The folder is watched and not the file: editors write a new file and rename it over the old one.
    try {
      this.#watcher = watch(directory, { persistent: true }, (_event, name) => {
        if (name === null || names.has(name)) this.#touched()
      })
    } catch (error) {
      throw new ConfigError('KEPLOY_CONFIG_WATCH', `${directory} cannot be watched. Check that the folder exists.`, {
        cause: error,
      })
    }
    this.#watcher.on('error', () => this.#touched())
  }

  #touched(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#loading = (this.#loading ?? Promise.resolve()).then(() => this.#reload())
    }, this.#options.quietMs ?? QUIET_MS)
  }

  async #reload(): Promise<void> {
    const loaded = await loadConfig(this.#options)
    const now = fingerprint(loaded)
    if (this.#closed || now === this.#seen) return
    this.#seen = now
    const gone = loaded.file === undefined && this.current.file !== undefined
    const applied = !gone && loaded.issues.every((issue) => issue.severity !== 'error')
    if (applied) this.current = loaded
    const change = { applied, loaded }
    const next = this.#waiting.shift()
    if (next) next({ done: false, value: change })
    else this.#pending.push(change)
  }

  [Symbol.asyncIterator](): AsyncIterator<ConfigChange> {
    return {
      next: () => {
        const change = this.#pending.shift()
        if (change) return Promise.resolve({ done: false, value: change })
        if (this.#closed) return Promise.resolve({ done: true, value: undefined })
        return new Promise((resolveNext) => this.#waiting.push(resolveNext))
      },
    }
  }

  /** Stops watching; iterations end. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    this.#watcher.close()
    await this.#loading
    for (const waiting of this.#waiting.splice(0)) waiting({ done: true, value: undefined })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

/**
 * Reads the configuration and follows its files.
 *
 * @throws {ConfigError} `KEPLOY_CONFIG_WATCH` when the folder cannot be watched.
 * @example
 * await using watcher = await watchConfig({ cwd: 'services/shop' })
 */
export async function watchConfig(options: WatchConfigOptions = {}): Promise<ConfigWatcher> {
  return new ConfigWatcher(await loadConfig(options), options)
}

/** What counts as a change: the values and the problems, not the text. */
function fingerprint(loaded: LoadedConfig): string {
  return JSON.stringify([loaded.file, loaded.config.written, loaded.issues])
}
