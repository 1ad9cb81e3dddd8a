import { open, readdir, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/** A folder whose files are looked at; nothing in it is ever run. */
export interface Project {
  readonly directory: string
  /** Every file, relative, with forward slashes, nearest first. */
  readonly files: readonly string[]
  has(file: string): boolean
  /** The beginning of a file; empty when there is none. */
  text(file: string): Promise<string>
}

const MAX_FILES = 5_000
const MAX_DEPTH = 5
const MAX_BYTES = 262_144
const SKIPPED = new Set([
  'node_modules',
  'vendor',
  'dist',
  'build',
  'target',
  'out',
  'bin',
  'obj',
  'venv',
  'env',
  'site-packages',
  '__pycache__',
  'coverage',
  'keploy',
  'tmp',
  'log',
  'test',
  'tests',
  'spec',
  '__tests__',
])

/** Lists the files of a project: no hidden folders, no dependencies, no tests, no links. */
export async function readProject(directory: string): Promise<Project> {
  const files: string[] = []
  let folders = ['']
  for (let depth = 0; depth <= MAX_DEPTH && folders.length > 0 && files.length < MAX_FILES; depth += 1) {
    const below: string[] = []
    for (const folder of folders) {
      const entries = await readdir(join(directory, folder), { withFileTypes: true }).catch(() => [])
      for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`
        if (entry.isFile() && files.length < MAX_FILES) files.push(path)
        // `bin` of a Rails or Go project holds scripts that say how it starts.
        else if (entry.isDirectory() && !entry.name.startsWith('.') && (!SKIPPED.has(entry.name) || path === 'bin'))
          below.push(path)
      }
    }
    folders = below
  }
  const known = new Set(files)
  return {
    directory,
    files,
    has: (file) => known.has(file),
    text: (file) => (known.has(file) ? head(join(directory, file)) : Promise.resolve('')),
  }
}

async function head(file: string): Promise<string> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file, 'r')
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_BYTES), 0, MAX_BYTES, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } catch {
    return ''
  } finally {
    await handle?.close()
  }
}

/** The first file, of those that fit, whose text matches. */
export async function findInFiles(
  project: Project,
  fits: (file: string) => boolean,
  pattern: RegExp,
): Promise<{ file: string; match: RegExpExecArray } | undefined> {
  for (const file of project.files.filter(fits).slice(0, 300)) {
    const match = pattern.exec(await project.text(file))
    if (match) return { file, match }
  }
  return undefined
}

/** The port that the environment file of a project sets. */
export async function portFromEnvFile(project: Project): Promise<number | undefined> {
  for (const file of ['.env', '.env.local', '.env.example']) {
    const match = /^\s*(?:export\s+)?PORT\s*=\s*["']?(\d{2,5})/m.exec(await project.text(file))
    if (match) return Number(match[1])
  }
  return undefined
}
