import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'

/** Where things are kept that can be made again. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'keploy-framework', 'sample-service')
}

const [zip, unzip] = [promisify(gzip), promisify(gunzip)]

/**
 * A data directory of Postgres in one compressed file, from which the next process begins. Whatever goes wrong with the
 * file (a folder that cannot be written, a file that somebody removed) costs that process the time to make a new one, and
 * nothing else.
 */
export class KeptDataDirectory {
  readonly #folder: string
  readonly #file: string

  /** `name` says what is in it: two that could differ must have different names. */
  constructor(name: string, folder: string = cacheFolder()) {
    this.#folder = folder
    this.#file = join(folder, `${name}.tar.gz`)
  }

  /** As PGlite loads it. A file that is not whole does not have its checksum, and is none. */
  async read(): Promise<Blob | undefined> {
    try {
      return new Blob([await unzip(await readFile(this.#file))])
    } catch {
      return undefined
    }
  }

  /** Never rejects. */
  async keep(dump: Blob): Promise<void> {
    // Renamed when it is complete: another process reads all of it or nothing.
    const draft = join(this.#folder, `${randomUUID()}.draft`)
    try {
      const bytes = await zip(await dump.arrayBuffer(), { level: 1 })
      await mkdir(this.#folder, { recursive: true, mode: 0o700 })
      await writeFile(draft, bytes, { mode: 0o600 })
      await rename(draft, this.#file)
    } catch {
      await rm(draft, { force: true }).catch(() => {})
    }
  }
}
