import { join, posix, relative, sep } from 'node:path'

import picomatch from 'picomatch'

import { SuiteError } from '../errors.ts'
import type { Project, TestFile } from '../model.ts'
import { categorize } from '../plan/categorize.ts'
import type { LabelledFile } from '../plan/categorize.ts'
import { readLabels } from '../plan/read-labels.ts'
import { readStart } from './read-start.ts'
import { walk } from './walk.ts'

/** Where files are looked for. */
export interface LoadFilesOptions {
  /** Absolute; paths are shown relative to it. */
  readonly root: string
  /** Names of recorded test sets, by the project's folder. */
  readonly setsOf: (project: Project) => Promise<readonly string[]>
  /** The folder of a project's test sets as seen from `root`, for what is shown. */
  readonly shownSets: (project: Project) => string
}

/** The files of all projects, each in its category; `empty` has the projects that none was found for. */
export interface LoadedFiles {
  readonly files: readonly TestFile[]
  readonly empty: readonly Project[]
}

/**
 * Finds the test files of projects and decides their categories.
 *
 * @throws SuiteError `KEPLOY_RUN_PROJECT`, `KEPLOY_RUN_CATEGORY`
 */
export async function loadFiles(projects: readonly Project[], options: LoadFilesOptions): Promise<LoadedFiles> {
  const names = new Set<string>()
  for (const { name } of projects) {
    if (names.has(name)) {
      throw new SuiteError('KEPLOY_RUN_PROJECT', `Two projects are called "${name}". Give each a name of its own.`)
    }
    names.add(name)
  }
  const walks = new Map<string, Promise<string[]>>()
  const labelled: LabelledFile[] = []
  const empty: Project[] = []
  for (const project of projects) {
    const found = await filesOf(project, options, walks)
    if (found.length === 0) empty.push(project)
    labelled.push(...found)
  }
  return { files: categorize(labelled), empty }
}

async function filesOf(
  project: Project,
  options: LoadFilesOptions,
  walks: Map<string, Promise<string[]>>,
): Promise<LabelledFile[]> {
  const { kind, directory, files, exclude } = project
  const none = { categories: [], markers: [] }
  if (kind === 'command' && files.length === 0) return [{ project, path: '', shown: project.name, labels: none }]
  const wanted = picomatch([...files], { dot: true })
  const left = exclude.length === 0 ? () => false : picomatch([...exclude], { dot: true })
  if (kind === 'recorded') {
    const sets = (await options.setsOf(project)).filter((set) => wanted(set) && !left(set))
    return sets.map((set) => ({ project, path: set, shown: posix.join(options.shownSets(project), set), labels: none }))
  }
  let all = walks.get(directory)
  if (all === undefined) walks.set(directory, (all = walk(directory)))
  const chosen = (await all).filter((file) => wanted(file) && !left(file))
  const prefix = relative(options.root, directory).split(sep).join('/')
  const result: LabelledFile[] = []
  for (const path of chosen) {
    const shown = posix.join(prefix, path)
    result.push({ project, path, shown, labels: readLabels(shown, await readStart(join(directory, path)), kind) })
  }
  return result
}
