import { opendir } from 'node:fs/promises'
import { join } from 'node:path'

import { MAX_FILES } from '../defaults.ts'

const PASSED_OVER = new Set([
  'node_modules',
  'bower_components',
  'vendor',
  'dist',
  'build',
  'coverage',
  'target',
  '__pycache__',
  'site-packages',
  'venv',
])

/**
 * The files under a folder, relative to it, with `/`, in order of their names. Links are not followed; hidden folders and
 * those of builds and dependencies are passed over, and so are the folders that `skip` names.
 */
export async function walk(directory: string, skip: ReadonlySet<string> = new Set()): Promise<string[]> {
  const files: string[] = []
  const pending = ['']
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const entries = await opendir(join(directory, folder)).catch(() => undefined)
    if (entries === undefined) continue
    for await (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isFile()) files.push(path)
      else if (entry.isDirectory() && !entry.name.startsWith('.') && !PASSED_OVER.has(entry.name) && !skip.has(path)) {
        pending.push(path)
      }
    }
    if (files.length > MAX_FILES) break
  }
  return files.toSorted()
}
