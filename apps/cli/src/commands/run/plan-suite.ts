import { basename, relative, resolve, sep } from 'node:path'

import type { ResolvedConfig } from '@keploy-framework/config'
import {
  changedFiles,
  choose,
  fileHistory,
  fitBudget,
  loadFiles,
  parseMarkers,
  readChanges,
  readHistory,
  SuiteError,
} from '@keploy-framework/suite'
import type { Category, Chosen, Fitted, HistoryRun } from '@keploy-framework/suite'
import picomatch from 'picomatch'

import { CliError } from '../../cli/cli-error.ts'
import type { OptionValues } from '../../cli/command.ts'
import { exitCode } from '../../cli/exit-code.ts'
import type { runOptions } from './run-options.ts'
import { runProjects, setNames, setsOfProject } from './run-projects.ts'

export type RunOptionValues = OptionValues<typeof runOptions>

/** What a run does, decided but not started. */
export interface PlannedSuite {
  readonly chosen: Chosen | Fitted
  readonly history: readonly HistoryRun[]
  readonly revision?: string
}

/** Where a run looks. */
export interface RunPlaces {
  readonly root: string
  /** Absolute folder of test sets. */
  readonly sets: string
  readonly history: string
  /** Absolute folders that runs write into. */
  readonly written: readonly string[]
}

/**
 * Finds the tests of the project and chooses those that are asked for.
 *
 * @throws {CliError} `KEPLOY_NOTHING_TO_RUN`
 * @throws {SuiteError} for a project, category or expression that can't be used
 */
export async function planSuite(
  config: ResolvedConfig,
  options: RunOptionValues,
  places: RunPlaces,
): Promise<PlannedSuite> {
  const { root } = places
  const marker = options.marker === undefined ? undefined : parseMarkers(options.marker)
  const names = await setNames(places.sets)
  const projects = await runProjects(config, root, names)
  const { files, empty } = await loadFiles(projects, {
    root,
    setsOf: async (project) =>
      project.service === '' ? names : await setNames(setsOfProject(config, project, places.sets)),
    shownSets: (project) => shown(root, setsOfProject(config, project, places.sets)),
  })
  if (files.length === 0)
    throw nothing('There are no tests here.', 'Write some, record some, or list them under `run.projects`.')
  for (const { name, files: globs } of empty) {
    throw new SuiteError(
      'KEPLOY_RUN_PROJECT',
      `The project "${name}" has no tests: nothing is named ${globs.join(' or ')}. Correct \`files\` or \`cwd\` in keploy.yml.`,
    )
  }
  const [history, changes] = await Promise.all([
    readHistory(places.history),
    readChanges(
      root,
      places.written.map((folder) => shown(root, folder)),
    ),
  ])
  const known = fileHistory(history)
  const asked = options['test-file']
  const testFile = asked && fileMatcher(asked, root)
  if (testFile && !files.some((file) => testFile(file.shown))) {
    throw nothing(`No test file is meant by ${asked.join(', ')}.`, 'Run with --list to see them.')
  }
  const failed = new Set([...known].filter(([, file]) => file.failedLast).map(([id]) => id))
  const all = choose(files, {
    ...(options.category && { categories: options.category as readonly Category[] }),
    ...(marker && { marker }),
    ...(testFile && { testFile }),
    ...(options['last-failed'] && { lastFailed: failed }),
    performance: options['execution-mode'] === 'nightly',
  })
  if (all.files.length === 0) {
    throw nothing(
      `Of ${files.length} test files, none is left.`,
      options['last-failed']
        ? 'No test failed the last time.'
        : 'Check --category and --marker; --list shows what there is.',
    )
  }
  const chosen =
    options['execution-mode'] === 'fast_feedback' ? await fit(all, root, changes, known, config.run.budgetMs) : all
  return { chosen, history, ...(changes.revision !== undefined && { revision: changes.revision }) }
}

async function fit(
  all: Chosen,
  root: string,
  changes: Awaited<ReturnType<typeof readChanges>>,
  history: ReturnType<typeof fileHistory>,
  budgetMs: number,
): Promise<Fitted> {
  const changed = await changedFiles(root, all.files, changes)
  return fitBudget(all, { budgetMs, changed, history })
}

function fileMatcher(asked: readonly string[], root: string): (path: string) => boolean {
  const tests = asked.map((name) => {
    const exact = shown(root, resolve(root, name))
    const glob = picomatch(name, { dot: true })
    return (path: string): boolean => path === exact || basename(path) === name || glob(path)
  })
  return (path) => tests.some((test) => test(path))
}

function shown(root: string, path: string): string {
  return relative(root, path).split(sep).join('/')
}

function nothing(message: string, hint: string): CliError {
  return new CliError('KEPLOY_NOTHING_TO_RUN', message, { exitCode: exitCode.nothingToRun, hint })
}
