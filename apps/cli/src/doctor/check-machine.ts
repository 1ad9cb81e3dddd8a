import { execFile } from 'node:child_process'
import { access, constants, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'

import type { LoadedConfig } from '@keploy-framework/config'

import { fail, ok, warn, type Check } from './check.ts'

const run = promisify(execFile)
const NEEDED: readonly [number, number] = [22, 22]

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const enough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
  return enough
    ? ok('node', `Node ${version}`)
    : fail('node', `Node ${version} is too old.`, `Install Node ${NEEDED.join('.')} or newer.`)
}

export function checkConfigFile(loaded: LoadedConfig, cwd: string): Check[] {
  const shown = (file: string): string => relative(cwd, file) || file
  const problems = loaded.issues.map((issue): Check => {
    const place = [issue.file === undefined ? undefined : shown(issue.file), issue.line, issue.column]
      .filter((part) => part !== undefined)
      .join(':')
    const message = place === '' ? issue.message : `${place}: ${issue.message}`
    return {
      name: 'config',
      status: issue.severity === 'error' ? 'fail' : 'warn',
      message,
      ...(issue.suggestion === undefined ? {} : { fix: issue.suggestion }),
    }
  })
  if (problems.length > 0) return problems
  if (loaded.file === undefined) {
    return [warn('config', 'There is no keploy.yml; defaults are used.', 'Run `keploy-framework setup` to write one.')]
  }
  return [ok('config', `${shown(loaded.file)} is valid.`)]
}

/** Whether recordings can be written: the folder, or the nearest one above that exists. */
export async function checkWritable(directory: string): Promise<Check> {
  let folder = directory
  while (!(await isThere(folder)) && dirname(folder) !== folder) folder = dirname(folder)
  if (!(await stat(folder)).isDirectory())
    return fail(
      'folder',
      `${folder} is a file, and should be a folder.`,
      'Move the file away, or set `path` in keploy.yml.',
    )
  try {
    await access(folder, constants.W_OK | constants.X_OK)
    return ok('folder', 'Recordings can be written.')
  } catch {
    return fail('folder', `${folder} cannot be written to.`, 'Change its permissions, or set `path` in keploy.yml.')
  }
}

/** Whether Git would take a file with the values of secrets. */
export async function checkGitIgnore(setsDirectory: string, cwd: string): Promise<Check> {
  const name = 'secrets file'
  if ((await git(['rev-parse', '--is-inside-work-tree'], cwd)) !== 0) return ok(name, 'This is no Git repository.')
  const path = join(relative(cwd, setsDirectory) || '.', 'test-set-0', 'secret.yaml')
  const folder = relative(cwd, setsDirectory) || '.'
  const tracked = await output(['ls-files', '--', `${folder}/**/secret.yaml`, `${folder}/secret.yaml`], cwd)
  if (tracked !== '') {
    const [first = ''] = tracked.split('\n')
    return fail(
      name,
      `Git keeps ${first}, which holds secrets.`,
      `git rm --cached ${first}, and replace those secrets: they are in the history.`,
    )
  }
  const code = await git(['check-ignore', '-q', '--no-index', path], cwd)
  return code === 0
    ? ok(name, 'Git ignores secret.yaml.')
    : fail(name, 'Git does not ignore secret.yaml.', `Add "secret.yaml" to ${folder}/.gitignore.`)
}

/** Programs that only some projects need. */
export async function checkOptional(needsDocker: boolean): Promise<Check[]> {
  const docker = await versionOf('docker', ['version', '--format', '{{.Server.Version}}'])
  const go = await versionOf('go', ['env', 'GOVERSION'])
  return [
    docker === undefined && needsDocker
      ? fail(
          'docker',
          '`cmdType` needs Docker, and it does not answer.',
          'Install and start Docker, or set `cmdType: native`.',
        )
      : ok(
          'docker',
          docker === undefined
            ? 'Not running; not needed here.'
            : `Docker ${docker}${needsDocker ? '' : '; not needed here'}.`,
        ),
    ok('go', go === undefined ? 'Not installed; not needed here.' : `${go}; not needed here.`),
  ]
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function git(args: readonly string[], cwd: string): Promise<number> {
  return run('git', [...args], { cwd }).then(
    () => 0,
    (error: unknown) =>
      error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : 128,
  )
}

async function output(args: readonly string[], cwd: string): Promise<string> {
  return run('git', [...args], { cwd }).then(
    ({ stdout }) => stdout.trim(),
    () => '',
  )
}

async function versionOf(program: string, args: readonly string[]): Promise<string | undefined> {
  return run(program, [...args], { timeout: 5_000 }).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  )
}
