import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join, posix } from 'node:path'
import { promisify } from 'node:util'

import type { TestFile } from '../model.ts'
import { readStart } from './read-start.ts'

const run = promisify(execFile)

/** The state of the sources, as Git sees it. */
export interface Changes {
  /** Paths relative to the root, with `/`: not yet committed, or, when there are none, of the last commit. */
  readonly paths: readonly string[]
  /** The same for the same sources; absent where it is not known. */
  readonly revision?: string
}

/**
 * Asks Git what was changed; nothing where there is no repository.
 *
 * @param ignored folders that runs write into, relative to the root
 */
export async function readChanges(root: string, ignored: readonly string[] = []): Promise<Changes> {
  const git = async (...args: string[]): Promise<string> => {
    const { stdout } = await run('git', args, { cwd: root, maxBuffer: 64 * 1_048_576, timeout: 20_000 })
    return stdout
  }
  try {
    const list = async (...args: string[]): Promise<string[]> =>
      (await git(...args))
        .split('\0')
        .filter((name) => name !== '' && !ignored.some((folder) => name.startsWith(`${folder}/`)))
    const head = (await git('rev-parse', 'HEAD')).trim()
    const tracked = await list('diff', '--name-only', '--relative', '-z', 'HEAD')
    const others = await list('ls-files', '--others', '--exclude-standard', '-z')
    const open = [...tracked, ...others]
    if (open.length > 0) {
      const hash = createHash('sha256')
        .update(await git('diff', '--relative', 'HEAD', '--', '.', ...ignored.map((folder) => `:(exclude)${folder}`)))
        .update(others.join('\0'))
      return { paths: open, revision: `${head}+${hash.digest('hex').slice(0, 16)}` }
    }
    const last = await list('diff', '--name-only', '--relative', '-z', 'HEAD~1', 'HEAD').catch(() => [])
    return { paths: last, revision: head }
  } catch {
    return { paths: [] }
  }
}

/** Whether a test file was changed, or one that it imports, or one of the same name (`cart.ts` of `cart.test.ts`). */
export async function changedFiles(
  root: string,
  files: readonly TestFile[],
  changes: Changes,
): Promise<(file: TestFile) => boolean> {
  const paths = new Set(changes.paths)
  const plain = new Set(changes.paths.map(withoutEnding))
  const touched = new Set<TestFile>()
  if (paths.size === 0) return () => false
  const names = new Set(changes.paths.map((path) => stem(path)))
  for (const file of files) {
    const inside = file.project.kind === 'recorded' && changes.paths.some((path) => path.startsWith(`${file.shown}/`))
    if (paths.has(file.shown) || inside) touched.add(file)
    else if (file.path !== '' && file.project.kind !== 'recorded') {
      if (names.has(stem(file.shown))) touched.add(file)
      else if (importsAny(file.shown, await readStart(join(root, file.shown)), plain)) touched.add(file)
    }
  }
  return (file) => touched.has(file)
}

function importsAny(shown: string, text: string, changed: ReadonlySet<string>): boolean {
  const folder = posix.dirname(shown)
  for (const [, specifier] of text.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*\(?\s*['"](\.[^'"\n]*)['"]/g)) {
    const target = withoutEnding(posix.join(folder, specifier ?? ''))
    if (changed.has(target) || changed.has(`${target}/index`)) return true
  }
  for (const [, module] of text.matchAll(/^[ \t]*(?:from|import)[ \t]+([\w.]+)/gm)) {
    const path = (module ?? '').replaceAll('.', '/')
    for (const each of changed) if (each === path || each.endsWith(`/${path}`)) return true
  }
  return false
}

function withoutEnding(path: string): string {
  return path.replace(/\.[cm]?[jt]sx?$|\.py$/, '')
}

/** `src/cart.test.ts`, `src/cart.ts`, `test_cart.py` → `cart`. */
function stem(path: string): string {
  const name = withoutEnding(path.slice(path.lastIndexOf('/') + 1))
  return name.replace(/\.(?:test|spec)$/, '').replace(/^test_|_test$/, '')
}
