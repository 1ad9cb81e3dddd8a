import { mkdir, open, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { generatedBy } from '@keploy-framework/format'

/** Characters that are gathered before they are written. */
const BUFFERED = 256 * 1024

interface OpenFile {
  readonly handle: FileHandle
  readonly pieces: string[]
  /** Bytes that it had before. */
  readonly before: number
  size: number
}

/**
 * The files of mocks of a set, opened when they get their first document. Until `close` all that was added can be taken
 * back, so that a set on a full disk is what it was before.
 */
export class MockFiles {
  readonly #folder: string
  readonly #files = new Map<string, OpenFile>()
  readonly #assets: string[] = []

  constructor(folder: string) {
    this.#folder = folder
  }

  get written(): readonly string[] {
    return [...this.#files.keys()]
  }

  async add(name: string, text: string): Promise<void> {
    const file = this.#files.get(name)
    if (file === undefined) {
      const handle = await open(join(this.#folder, name), 'a')
      const before = (await handle.stat()).size
      const first = before === 0 ? `${generatedBy}\n${text}` : `---\n${text}`
      this.#files.set(name, { handle, pieces: [first], before, size: first.length })
      return
    }
    file.pieces.push('---\n', text)
    file.size += text.length
    if (file.size > BUFFERED) await flush(file)
  }

  /** Writes a file that belongs to a new document. */
  async addAsset(path: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.#folder, path)
    await mkdir(dirname(file), { recursive: true })
    this.#assets.push(file)
    await writeFile(file, bytes)
  }

  /** Writes what is not written yet. */
  async flush(): Promise<void> {
    for (const file of this.#files.values()) await flush(file)
  }

  /** Takes back what was added. */
  async undo(): Promise<void> {
    for (const [name, { handle, before }] of this.#files) {
      if (before === 0) await rm(join(this.#folder, name), { force: true })
      else await handle.truncate(before)
    }
    for (const file of this.#assets) await rm(file, { force: true })
  }

  async close(): Promise<void> {
    for (const { handle } of this.#files.values()) await handle.close()
  }
}

async function flush(file: OpenFile): Promise<void> {
  const text = file.pieces.splice(0).join('')
  file.size = 0
  if (text !== '') await file.handle.appendFile(text)
}
