import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of templates, which lies beside the sources and beside the build. */
function templateFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'templates', 'keploy.yml'))) {
    const above = dirname(folder)
    if (above === folder) throw new Error('The templates of keploy-framework are missing. Install it again.')
    folder = above
  }
  return join(folder, 'templates')
}

/** A template with its `__NAMES__` filled in. */
export async function fillTemplate(name: string, values: Readonly<Record<string, string>> = {}): Promise<string> {
  const text = await readFile(join(templateFolder(), name), 'utf8')
  return text.replaceAll(/__([A-Z_]+)__/g, (whole, key: string) => values[key] ?? whole)
}
