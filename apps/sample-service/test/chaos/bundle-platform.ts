import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../..')
const tsup = join(root, '../../node_modules/.bin/tsup')

/** The platform in a few files, which start in a quarter of the time that its sources take. For tests that start it often. */
export async function bundlePlatform() {
  // Within the package, where its dependencies and its policies are found.
  await mkdir(join(root, 'dist'), { recursive: true })
  const folder = await mkdtemp(join(root, 'dist/test-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const args = ['src/platform-main.ts', '--format', 'esm', '--out-dir', folder, '--target', 'node22', '--no-config']
    await promisify(execFile)(tsup, args, { cwd: root })
  } catch (error) {
    await remove()
    throw error
  }
  return { module: pathToFileURL(join(folder, 'platform-main.js')).href, [Symbol.asyncDispose]: remove }
}
