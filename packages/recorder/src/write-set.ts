import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { readSidecar, writeTestSet, type NewTest, type SecretRecord } from '@keploy-framework/format'

import { isAlive, journalDirectory } from './journal/journal-files.ts'
import { RecorderError } from './recorder-error.ts'

/** What happens when the set that is named exists. */
export type ExistingSet = 'refuse' | 'append' | 'replace'

/** How many tests are held in memory before they are written. */
const BATCH = 500

/** The names of the tests that a set has. */
export async function testNames(setDirectory: string): Promise<string[]> {
  const names = await readdir(join(setDirectory, 'tests')).catch(() => [])
  return names.map((name) => name.replace(/\.(?:ya?ml|json)$/i, ''))
}

async function isEmpty(folder: string): Promise<boolean> {
  return (await readdir(folder).catch(() => [])).length === 0
}

/**
 * Refuses a set that exists already.
 *
 * @throws {RecorderError} `KEPLOY_RECORD_EXISTS`
 */
export async function refuseExisting(directory: string, name: string): Promise<void> {
  if (await isEmpty(join(directory, name))) return
  throw new RecorderError(
    'KEPLOY_RECORD_EXISTS',
    `The test set ${name} exists already in ${directory}. Choose another name, add to it (append), or record it again from scratch (replace).`,
  )
}

/** The highest number that a secret of the set has; 0 when it has none. */
export async function highestSecret(setDirectory: string): Promise<number> {
  const { sidecar } = await readSidecar(setDirectory)
  return Math.max(0, ...(sidecar?.secrets ?? []).map((secret) => secret.number))
}

/** Makes the folder `test-set-N` with the next number; no two recorders get the same. */
async function reserveName(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true })
  const numbers = (await readdir(directory)).map((name) => Number(/^test-set-(\d+)$/.exec(name)?.[1] ?? -1))
  for (let number = Math.max(-1, ...numbers) + 1; ; number++) {
    const name = `test-set-${number}`
    try {
      await mkdir(join(directory, name))
      return name
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Removes what recorders that were killed while they wrote left beside. */
export async function removeStale(directory: string): Promise<void> {
  const folder = journalDirectory(directory)
  for (const name of await readdir(folder).catch(() => [])) {
    const pid = Number(/^set-(\d+)-[0-9a-f]+$/.exec(name)?.[1] ?? 0)
    if (pid === 0 || pid === process.pid || isAlive(pid)) continue
    const staging = join(folder, name)
    // A set that was being replaced is the only copy of what somebody recorded.
    if (!(await isEmpty(join(staging, 'old')))) continue
    await rm(staging, { recursive: true, force: true })
  }
}

export interface SetWriterOptions {
  /** The folder of sets. */
  readonly directory: string
  /** Default: the next free `test-set-N`. */
  readonly name?: string
  readonly existing: ExistingSet
}

/**
 * Writes a set test by test. A new set is made beside and moved into place at the end, so that half a set is never seen;
 * tests that are added to an existing set are written there.
 */
export class SetWriter {
  readonly #options: SetWriterOptions
  readonly #staging: string
  readonly #append: boolean
  #batch: NewTest[] = []
  #files: string[] = []
  #name: string

  constructor(options: SetWriterOptions) {
    this.#options = options
    this.#append = options.existing === 'append' && options.name !== undefined
    this.#name = options.name ?? 'new'
    this.#staging = this.#append
      ? options.directory
      : join(journalDirectory(options.directory), `set-${process.pid}-${randomBytes(6).toString('hex')}`)
  }

  async add(test: NewTest): Promise<void> {
    this.#batch.push(test)
    if (this.#batch.length >= BATCH) await this.#write([], undefined)
  }

  /** The folder in which the set is being written; files may be added there until `finish`. */
  async folder(): Promise<string> {
    const folder = join(this.#staging, this.#name)
    await mkdir(folder, { recursive: true })
    return folder
  }

  /** Tells of a file that was added, for the summary. */
  added(file: string): void {
    this.#files.push(file)
  }

  /** The name of the set; what stands in files that were written before `finish` named a new set is set right by it. */
  get setName(): string {
    return this.#name
  }

  /** Writes the rest, and puts the set into place. */
  async finish(
    secrets: readonly SecretRecord[],
    sidecar: ReadonlyMap<string, unknown>,
    values: ReadonlyMap<number, string> | undefined,
  ): Promise<{ name: string; directory: string; files: string[] }> {
    await this.#write(secrets, sidecar)
    const staged = join(this.#staging, this.#name)
    if (values && values.size > 0) {
      await writeSecretValues(staged, values)
      this.#files.push('secret.yaml')
    }
    if (!this.#append) {
      await this.#place(staged)
      await removeStale(this.#options.directory)
    }
    const files = [...new Set(this.#files)]
    return { name: this.#name, directory: resolve(this.#options.directory, this.#name), files }
  }

  /** Removes what was written beside. */
  async discard(): Promise<void> {
    if (!this.#append) await rm(this.#staging, { recursive: true, force: true })
  }

  async #write(secrets: readonly SecretRecord[], sidecar: ReadonlyMap<string, unknown> | undefined): Promise<void> {
    const tests = this.#batch
    this.#batch = []
    const set = { name: this.#name, tests, secrets, ...(sidecar && { sidecar }) }
    const { files } = await writeTestSet(set, { directory: this.#staging })
    // The sidecar is written with each batch and told once, at the end.
    for (const file of files) this.#files.push(file)
  }

  async #place(staged: string): Promise<void> {
    const { directory, existing } = this.#options
    const old = join(this.#staging, 'old')
    if (this.#options.name === undefined) this.#name = await reserveName(directory)
    const final = join(directory, this.#name)
    await nameMappings(staged, this.#name)
    if (existing === 'replace') {
      await rename(final, old).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error
      })
    } else if (!(await isEmpty(final))) await refuseExisting(directory, this.#name)
    await rmdir(final).catch(() => {})
    await rename(staged, final)
    await copyFile(join(this.#staging, '.gitignore'), join(directory, '.gitignore'), constants.COPYFILE_EXCL).catch(
      () => {},
    )
    await this.discard()
  }
}

/** Mappings name their set, which has its name only now. */
async function nameMappings(staged: string, name: string): Promise<void> {
  const file = join(staged, 'mappings.yaml')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text !== undefined) await writeFile(file, text.replace(/^test_set_id: .*$/m, `test_set_id: ${name}`))
}

/** Writes the real values of secrets for replays on this machine; readable by its owner only. */
async function writeSecretValues(setDirectory: string, values: ReadonlyMap<number, string>): Promise<void> {
  const file = join(setDirectory, 'secret.yaml')
  const before = await readFile(file, 'utf8').catch(
    () => '# Real values of the secrets of this set, for replays on this machine. Never commit this file.\n',
  )
  const lines = [...values].map(([number, value]) => `"${number}": ${JSON.stringify(value)}\n`)
  const end = before === '' || before.endsWith('\n') ? '' : '\n'
  await writeFile(file, `${before}${end}${lines.join('')}`, { mode: 0o600 })
}
