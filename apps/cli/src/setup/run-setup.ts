import { join } from 'node:path'

import { KeployConfig, loadConfig } from '@keploy-framework/config'

import { CliError } from '../cli/cli-error.ts'
import { exitCode } from '../cli/exit-code.ts'
import type { CliIo } from '../cli/io.ts'
import { detectProject, FRAMEWORK_NAMES } from './detect/detect-project.ts'
import type { Detection } from './detect/detection.ts'
import { connectHooks, HOOKS_FOLDER, hookState, type HookState } from './git-hooks.ts'
import { planFile, readIfThere, writePlanned, type PlannedFile, type WantedFile } from './planned-file.ts'
import { Prompt } from './prompt.ts'
import {
  completeConfig,
  ignoreReports,
  renderConfig,
  renderGitignore,
  renderHook,
  renderWorkflow,
  type ServiceFacts,
} from './render.ts'

export interface SetupOptions {
  /** Show what would be done, and write nothing. */
  readonly dryRun?: boolean
  /** Do not ask before new files are written. */
  readonly yes?: boolean
  /** Replace files that differ, without asking. */
  readonly force?: boolean
  /** The framework to take when several are found. */
  readonly framework?: string
  /** How the service is started, instead of what is found. */
  readonly command?: string
  readonly port?: number
  /** Print the outcome as JSON. */
  readonly json?: boolean
  readonly quiet?: boolean
}

/** What became of one file. */
interface FileOutcome {
  readonly path: string
  readonly outcome: 'created' | 'changed' | 'unchanged' | 'kept' | 'would create' | 'would change'
  readonly diff?: string
}

/**
 * Looks at the project and writes `keploy.yml`, the workflow, the hook and `keploy/.gitignore`, and has Git ignore the
 * folder of reports. A file that is there and differs is shown as a difference, and replaced only with `--force` or a yes. Returns the exit code.
 */
export async function runSetup(options: SetupOptions, io: CliIo): Promise<number> {
  const found = await detectProject(io.cwd)
  const detection = choose(found, options)
  const say = (text: string): void => {
    if (!options.json && !options.quiet) io.stdout.write(`${text}\n`)
  }
  describe(found, detection, options, say)
  const files = await Promise.all((await wantedFiles(detection, options, io)).map((file) => planFile(io.cwd, file)))
  const hooks = await hookState(io.cwd)
  const outcomes = await apply(files, options, io, say)
  const hookWritten = outcomes.some(({ path, outcome }) => path.startsWith(HOOKS_FOLDER) && outcome !== 'would create')
  const connected = hooks.kind === 'connect' && hookWritten && !options.dryRun
  if (connected) await connectHooks(io.cwd)
  if (options.json) {
    io.stdout.write(
      `${JSON.stringify({ detected: found, chosen: detection ?? null, files: outcomes, hooks: connected ? 'connected' : hooks.kind }, null, 2)}\n`,
    )
  } else {
    conclude(outcomes, hooks, connected, detection, options, say)
  }
  return exitCode.ok
}

function choose(found: readonly Detection[], options: SetupOptions): Detection | undefined {
  const name = options.framework?.toLowerCase()
  if (name === undefined) return found[0]
  const match = found.find((detection) => detection.framework === name)
  if (match) return match
  const known = FRAMEWORK_NAMES.includes(name)
  if (known && options.command !== undefined) return undefined
  const seen = found.length === 0 ? 'nothing that is known' : found.map((detection) => detection.framework).join(', ')
  throw new CliError(
    'KEPLOY_USAGE',
    known ? `There is no ${name} project here; found: ${seen}.` : `${name} is not a framework that is known.`,
    {
      hint: known
        ? 'Say how the service is started with --command and --port.'
        : `Known are ${FRAMEWORK_NAMES.join(', ')}.`,
    },
  )
}

function describe(
  found: readonly Detection[],
  detection: Detection | undefined,
  options: SetupOptions,
  say: (text: string) => void,
): void {
  if (!detection) {
    say(
      options.command === undefined
        ? 'No framework was recognised here. Fill in `command` and `port` in keploy.yml.'
        : 'No framework was recognised here.',
    )
    return
  }
  say(`Found ${detection.framework} (${detection.language}): ${detection.evidence.join('; ')}.`)
  say(`Start command: ${options.command ?? detection.command}`)
  say(`Port: ${options.port ?? detection.port}`)
  const others = found.filter((other) => other !== detection)
  if (others.length > 0)
    say(`Also here: ${others.map((other) => other.framework).join(', ')}; take one with --framework NAME.`)
}

async function wantedFiles(detection: Detection | undefined, options: SetupOptions, io: CliIo): Promise<WantedFile[]> {
  return [
    await wantedConfig(detection, options, io),
    { path: '.github/workflows/keploy.yml', content: await renderWorkflow(detection) },
    { path: `${HOOKS_FOLDER}/pre-commit`, content: await renderHook(detection), executable: true },
    { path: 'keploy/.gitignore', content: await renderGitignore() },
    { path: '.gitignore', content: ignoreReports(await readIfThere(join(io.cwd, '.gitignore'))), completes: true },
  ]
}

async function wantedConfig(detection: Detection | undefined, options: SetupOptions, io: CliIo): Promise<WantedFile> {
  const asked = {
    ...(options.command === undefined ? {} : { command: options.command }),
    ...(options.port === undefined ? {} : { port: options.port }),
  }
  const facts: ServiceFacts = {
    command: asked.command ?? detection?.command ?? '',
    port: asked.port ?? detection?.port ?? 0,
    ...(detection ? { framework: detection.framework } : {}),
  }
  for (const path of ['keploy.yml', 'keploy.yaml']) {
    const text = await readIfThere(join(io.cwd, path))
    if (text === undefined) continue
    const broken = KeployConfig.validate(text, { file: path }).find((issue) => issue.severity === 'error')
    if (broken) {
      const place = [broken.file, broken.line, broken.column].filter((part) => part !== undefined).join(':')
      throw new CliError('KEPLOY_CONFIG_INVALID', `${place}: ${broken.message}`, {
        hint: `Correct ${path} and run setup again; it was not touched.`,
      })
    }
    const { config } = await loadConfig({ cwd: io.cwd, file: path, env: {} })
    const content = completeConfig(text, { command: config.command, port: config.port }, facts, asked)
    const overwrites =
      (asked.command !== undefined && config.command !== '') || (asked.port !== undefined && config.port !== 0)
    return { path, content, completes: !overwrites }
  }
  return { path: 'keploy.yml', content: await renderConfig(facts) }
}

async function apply(
  files: readonly PlannedFile[],
  options: SetupOptions,
  io: CliIo,
  say: (text: string) => void,
): Promise<FileOutcome[]> {
  const interactive = io.stdin.isTTY === true && io.stdout.isTTY === true && !options.json && !options.dryRun
  const prompt = interactive ? new Prompt(io) : undefined
  const outcomes: FileOutcome[] = []
  for (const file of files) {
    const diff = file.diff === '' ? {} : { diff: file.diff }
    if (file.state === 'unchanged') {
      outcomes.push({ path: file.path, outcome: 'unchanged' })
      continue
    }
    if (file.diff !== '') say(`\n${file.diff.trimEnd()}`)
    if (options.dryRun) {
      outcomes.push({ path: file.path, outcome: file.state === 'create' ? 'would create' : 'would change', ...diff })
      continue
    }
    if (!(await mayWrite(file, options, prompt))) {
      outcomes.push({ path: file.path, outcome: 'kept', ...diff })
      continue
    }
    await writePlanned(io.cwd, file)
    outcomes.push({ path: file.path, outcome: file.state === 'create' ? 'created' : 'changed', ...diff })
  }
  prompt?.release()
  return outcomes
}

async function mayWrite(file: PlannedFile, options: SetupOptions, prompt: Prompt | undefined): Promise<boolean> {
  if (options.force) return true
  const harmless = file.state === 'create' || file.completes === true
  if (harmless && (options.yes || !prompt)) return true
  if (!prompt) return false
  const answer = await prompt.ask(harmless ? `Write ${file.path}? [Y/n] ` : `Replace ${file.path} as shown? [y/N] `)
  return answer === '' ? harmless : /^y(?:es)?$/i.test(answer ?? 'n')
}

function conclude(
  outcomes: readonly FileOutcome[],
  hooks: HookState,
  connected: boolean,
  detection: Detection | undefined,
  options: SetupOptions,
  say: (text: string) => void,
): void {
  say('')
  for (const { path, outcome } of outcomes) say(`${outcome.padEnd(12)} ${path}`)
  if (connected) say(`connected    Git runs ${HOOKS_FOLDER}/pre-commit before each commit (core.hooksPath)`)
  else if (hooks.kind === 'manual')
    say(`note         The hook is not connected: ${hooks.reason}. Call ${HOOKS_FOLDER}/pre-commit from there.`)
  else if (hooks.kind === 'no-git')
    say(`note         This is no Git repository; later: git config core.hooksPath ${HOOKS_FOLDER}`)
  say('')
  if (outcomes.every(({ outcome }) => outcome === 'unchanged') && !connected) {
    say('Everything is set up already; nothing was changed.')
    return
  }
  if (outcomes.some(({ outcome }) => outcome === 'kept')) say('What differs was kept. Replace it with --force.')
  if (options.dryRun) say('Nothing was written (--dry-run).')
  else say(`Next: npx keploy-framework record${detection || options.command ? '' : ' -- COMMAND'}`)
}
