import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The folder that holds the workspace. */
export const root = join(import.meta.dirname, '..')

/** A package of the workspace. */
export interface WorkspacePackage {
  /** Its folder's name, as in the table of docs/architecture.md. */
  name: string
  /** From the root, with `/`. */
  directory: string
  manifest: Manifest
}

export interface Manifest {
  name: string
  private?: boolean
  bin?: Record<string, string>
  exports?: Record<string, unknown>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

/** Every file of the repository that is tracked or about to be, from the root, with `/`. */
export async function repositoryFiles(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('git', ['ls-files', '-co', '--exclude-standard', '--deduplicate'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  })
  return stdout.split('\n').filter((file) => file !== '')
}

export async function workspacePackages(): Promise<WorkspacePackage[]> {
  const manifests = (await repositoryFiles()).filter((file) => /^(packages|apps)\/[^/]+\/package\.json$/.test(file))
  return Promise.all(
    manifests.sort().map(async (file) => {
      const directory = file.slice(0, -'/package.json'.length)
      const manifest = JSON.parse(await readText(file)) as Manifest
      return { name: directory.slice(directory.indexOf('/') + 1), directory, manifest }
    }),
  )
}

/** The packages that are published. */
export async function publicPackages(): Promise<WorkspacePackage[]> {
  return (await workspacePackages()).filter(({ manifest }) => !manifest.private)
}

/** Reads a file of the repository; `file` is from the root. */
export function readText(file: string): Promise<string> {
  return readFile(join(root, file), 'utf8')
}
