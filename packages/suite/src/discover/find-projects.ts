import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import picomatch from 'picomatch'

import { DEFAULT_FILES, PART_TIMEOUT_MS } from '../defaults.ts'
import type { Project, ProjectKind } from '../model.ts'
import { readStart } from './read-start.ts'
import { walk } from './walk.ts'

const NODE_TEST = /(?:\bfrom\s*|\brequire\(\s*|\bimport\(\s*)['"]node:test['"]/
const isScript = picomatch([...DEFAULT_FILES.vitest])
const isJestFolder = picomatch('**/__tests__/**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}')
const isPython = picomatch([...DEFAULT_FILES.pytest])

/**
 * The projects of a folder whose `keploy.yml` names none: test files of JavaScript by the runner that they or the
 * `package.json` name, those of Python under pytest, and recorded sets. Files that say no category count as unit tests,
 * recorded sets as integration tests.
 *
 * @param sets names of recorded test sets
 */
export async function findProjects(root: string, sets: readonly string[]): Promise<Project[]> {
  const files = await walk(root, new Set(['keploy']))
  const installed = await runnersOf(root)
  const found = new Map<ProjectKind, string[]>()
  const add = (kind: ProjectKind, file: string): void => {
    const list = found.get(kind)
    if (list) list.push(file)
    else found.set(kind, [file])
  }
  for (const file of files) {
    if (isPython(file)) add('pytest', file)
    else if (isScript(file) || (installed.has('jest') && isJestFolder(file))) {
      if (NODE_TEST.test(await readStart(join(root, file)))) add('node-test', file)
      else if (installed.has('vitest')) add('vitest', file)
      else if (installed.has('jest')) add('jest', file)
    }
  }
  for (const set of sets) add('recorded', set)
  return [...found].map(([kind, list]) => ({
    name: kind === 'node-test' ? 'node' : kind,
    kind,
    directory: root,
    // Names as they are: characters of globs in them mean themselves.
    files: list.map((file) => file.replaceAll(/[\\*?[\]{}()!+@]/g, String.raw`\$&`)),
    exclude: [],
    fallbackCategory: kind === 'recorded' ? ('integration' as const) : ('unit' as const),
    markers: [],
    critical: false,
    command: '',
    service: '',
    env: {},
    timeoutMs: PART_TIMEOUT_MS,
    report: '',
    coverage: '',
  }))
}

async function runnersOf(root: string): Promise<Set<string>> {
  const text = await readFile(join(root, 'package.json'), 'utf8').catch(() => '{}')
  const found = new Set<string>()
  try {
    const manifest = JSON.parse(text) as Record<string, unknown>
    for (const field of ['dependencies', 'devDependencies', 'peerDependencies']) {
      const names = manifest[field]
      if (typeof names === 'object' && names !== null) for (const name of Object.keys(names)) found.add(name)
    }
    if (manifest['jest'] !== undefined) found.add('jest')
  } catch {
    // A package.json that can't be read names no runner; the runners that need it will say what is wrong with it.
  }
  return found
}
