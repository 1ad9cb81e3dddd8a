import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { SuiteError } from '../errors.ts'
import type { Project } from '../model.ts'
import type { Part } from '../plan/plan-parts.ts'

/** How a part is run. */
export interface PartSettings {
  /** Processes or threads that the runner may use. */
  readonly workers: number
  readonly failFast: boolean
  readonly coverage: boolean
  /** An empty folder for reports. */
  readonly folder: string
}

/** A command, and where it leaves what. */
export interface PartCommand {
  readonly command: string | readonly string[]
  readonly report: { readonly format: 'jest-json' | 'node' | 'junit' | 'none'; readonly file: string }
  /** Where its coverage lies afterwards; empty when there is none. */
  readonly coverage: string
}

/**
 * The command that runs the files of a part with a report for machines.
 *
 * @throws SuiteError `KEPLOY_RUN_NO_RUNNER` when the runner is not installed
 */
export function planCommand(part: Part, settings: PartSettings): PartCommand {
  const { project } = part
  const files = part.files.map((file) => file.path)
  const file = join(settings.folder, 'report')
  const planned = { ...argumentsOf(project, files, settings, file) }
  const coverage = project.coverage === '' ? planned.coverage : join(project.directory, project.coverage)
  return {
    command: commandOf(project, planned.args, files),
    report: planned.report,
    coverage: settings.coverage ? coverage : '',
  }
}

interface Arguments {
  readonly args: readonly string[]
  readonly report: PartCommand['report']
  readonly coverage: string
}

function argumentsOf(project: Project, files: readonly string[], settings: PartSettings, file: string): Arguments {
  const { workers, failFast, folder } = settings
  const covers = settings.coverage && project.coverage === ''
  const absolute = files.map((path) => join(project.directory, path))
  switch (project.kind) {
    case 'vitest': {
      const args = [
        'run',
        ...absolute,
        '--reporter=json',
        '--reporter=default',
        `--outputFile.json=${file}`,
        `--maxWorkers=${workers}`,
      ]
      if (failFast) args.push('--bail=1')
      if (covers)
        args.push(
          '--coverage.enabled',
          '--coverage.reportOnFailure',
          '--coverage.reporter=json',
          `--coverage.reportsDirectory=${folder}`,
        )
      return { args, report: { format: 'jest-json', file }, coverage: join(folder, 'coverage-final.json') }
    }
    case 'jest': {
      const args = ['--ci', '--json', `--outputFile=${file}`, `--maxWorkers=${workers}`]
      // Not --bail: Jest then ends without its report.
      if (covers) args.push('--coverage', '--coverageReporters=json', `--coverageDirectory=${folder}`)
      return {
        args: [...args, '--runTestsByPath', ...absolute],
        report: { format: 'jest-json', file },
        coverage: join(folder, 'coverage-final.json'),
      }
    }
    case 'node-test': {
      const args = ['--test', `--test-concurrency=${workers}`, `--test-reporter=${join(folder, 'reporter.mjs')}`]
      args.push(`--test-reporter-destination=${file}`, '--test-reporter=spec', '--test-reporter-destination=stdout')
      const lcov = join(folder, 'lcov.info')
      if (covers)
        args.push('--experimental-test-coverage', '--test-reporter=lcov', `--test-reporter-destination=${lcov}`)
      return { args: [...args, ...absolute], report: { format: 'node', file }, coverage: lcov }
    }
    case 'pytest': {
      const args = [`--junitxml=${file}`, '-o', 'junit_family=xunit1', '-q']
      if (failFast) args.push('-x')
      const lcov = join(folder, 'lcov.info')
      if (covers) args.push('--cov', `--cov-report=lcov:${lcov}`)
      return { args: [...args, ...files], report: { format: 'junit', file }, coverage: lcov }
    }
    default:
      return {
        args: files.filter((path) => path !== ''),
        report:
          project.report === ''
            ? { format: 'none', file: '' }
            : { format: 'junit', file: join(project.directory, project.report) },
        coverage: '',
      }
  }
}

function commandOf(project: Project, args: readonly string[], files: readonly string[]): string | readonly string[] {
  const { command, kind } = project
  if (command === '') return [...runnerOf(project), ...args]
  if (kind !== 'command') return [command, ...args.map(quote)].join(' ')
  if (command.includes('{files}')) return command.replaceAll('{files}', () => files.map(quote).join(' '))
  return command
}

function runnerOf(project: Project): string[] {
  const { kind, directory, name } = project
  if (kind === 'node-test') return [process.execPath]
  if (kind === 'pytest') {
    const own = ['.venv/bin/python', 'venv/bin/python', String.raw`.venv\Scripts\python.exe`]
    const found = own.map((path) => join(directory, path)).find((path) => existsSync(path))
    return [found ?? (process.platform === 'win32' ? 'python' : 'python3'), '-m', 'pytest']
  }
  const inside = kind === 'vitest' ? 'vitest/vitest.mjs' : 'jest/bin/jest.js'
  for (let folder = directory; ; folder = dirname(folder)) {
    const path = join(folder, 'node_modules', inside)
    if (existsSync(path)) return [process.execPath, path]
    if (dirname(folder) === folder) break
  }
  throw new SuiteError(
    'KEPLOY_RUN_NO_RUNNER',
    `The project "${name}" runs under ${kind}, which is not installed in ${directory}. Run \`npm install -D ${kind}\`, or name a \`command\`.`,
  )
}

/** One word of a shell. */
function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word
  return process.platform === 'win32'
    ? `"${word.replaceAll('"', '""')}"`
    : `'${word.replaceAll("'", String.raw`'\''`)}'`
}
