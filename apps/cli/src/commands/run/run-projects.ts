import { readFile } from 'node:fs/promises'

import type { ResolvedConfig } from '@keploy-framework/config'
import { FormatError, listTestSets } from '@keploy-framework/format'
import { DEFAULT_FILES, findProjects, PART_TIMEOUT_MS, SuiteError } from '@keploy-framework/suite'
import type { Project, WrittenQuarantine } from '@keploy-framework/suite'
import { parse } from 'yaml'

import { chooseService, setsOf } from '../test/prepare-run.ts'

/** The projects that keploy.yml names, or those that are found. */
export async function runProjects(config: ResolvedConfig, root: string, sets: readonly string[]): Promise<Project[]> {
  const written = config.run.projects
  if (written.length === 0) return await findProjects(root, sets)
  return written.map(({ timeoutMs, files, ...project }) => ({
    ...project,
    files: files.length > 0 ? files : DEFAULT_FILES[project.kind],
    timeoutMs: timeoutMs === 0 ? PART_TIMEOUT_MS : timeoutMs,
    ...(project.kind === 'recorded' && project.category === undefined && { category: 'integration' as const }),
  }))
}

/** The folder of a project's recorded sets: that of its service, else `sets`. */
export function setsOfProject(config: ResolvedConfig, { service }: Pick<Project, 'service'>, sets: string): string {
  return service === '' ? sets : setsOf(config, chooseService(config, service))
}

/** The names of recorded sets; none where nothing was recorded. */
export async function setNames(directory: string): Promise<string[]> {
  try {
    return (await listTestSets(directory)).map(({ name }) => name)
  } catch (error) {
    if (error instanceof FormatError && error.code === 'KEPLOY_FORMAT_NOT_FOUND') return []
    throw error
  }
}

/** The quarantine of keploy.yml and of the file that it names, not yet checked. */
export async function writtenQuarantine(config: ResolvedConfig): Promise<WrittenQuarantine[]> {
  const { quarantine, quarantineFile } = config.run
  if (quarantineFile === '') return [...quarantine]
  const fail = (problem: string, cause?: unknown): SuiteError =>
    new SuiteError('KEPLOY_RUN_QUARANTINE', `The quarantine in ${quarantineFile} cannot be used: ${problem}`, { cause })
  let list: unknown
  try {
    list = parse(await readFile(quarantineFile, 'utf8'), { maxAliasCount: 0 })
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error), error)
  }
  const isEntry = (entry: unknown): boolean => typeof entry === 'object' && entry !== null
  if (list === null || list === undefined) return [...quarantine]
  if (!Array.isArray(list) || !list.every(isEntry)) throw fail('it is no list of entries with test, reason and until.')
  return [...quarantine, ...(list as WrittenQuarantine[])]
}
