import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** All YAML and JSON files below a folder, in a fixed order; links are not followed. */
export function findFiles(folder: string): string[] {
  const files: string[] = []
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && entry.name !== '.git' && entry.name !== 'node_modules') files.push(...findFiles(path))
    else if (entry.isFile() && /\.(?:ya?ml|json)$/i.test(entry.name)) files.push(path)
  }
  return files
}
