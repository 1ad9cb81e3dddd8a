import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { MAX_FILES } from '../defaults.ts'

/** Folders of dependencies, wherever they are. */
const DEPENDENCIES = new Set(['node_modules', 'bower_components', '__pycache__', 'site-packages', 'venv'])
/** Folders that tools write beside a manifest; elsewhere they are folders as any other, `src/coverage` for example. */
const WRITTEN = new Set(['vendor', 'dist', 'build', 'coverage', 'target'])
const MANIFEST =
  /^(?:package\.json|pyproject\.toml|setup\.(?:py|cfg)|Cargo\.toml|pom\.xml|build\.gradle(?:\.kts)?|go\.mod|composer\.json|Gemfile)$/

/**
 * The files under a folder, relative to it, with `/`, in order of their names. Links are not followed; hidden folders, those of
 * dependencies, and those of builds beside a manifest or at the top are passed over, and so are the folders that `skip` names.
 */
export async function walk(directory: string, skip: ReadonlySet<string> = new Set()): Promise<string[]> {
  const files: string[] = []
  const pending = ['']
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const entries = await readdir(join(directory, folder), { withFileTypes: true }).catch(() => [])
    const top = folder === '' || entries.some(({ name }) => MANIFEST.test(name))
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isFile()) files.push(path)
      else if (entry.isDirectory() && !isPassedOver(entry.name, top) && !skip.has(path)) pending.push(path)
    }
    if (files.length > MAX_FILES) break
  }
  return files.toSorted()
}

function isPassedOver(name: string, top: boolean): boolean {
  return name.startsWith('.') || DEPENDENCIES.has(name) || (top && WRITTEN.has(name))
}
