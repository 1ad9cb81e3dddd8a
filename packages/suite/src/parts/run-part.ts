import { mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'

import type { LineHits } from '../coverage/line-hits.ts'
import { readCoverage } from '../coverage/read-coverage.ts'
import { MAX_REPORT_BYTES } from '../defaults.ts'
import type { Outcome } from '../model.ts'
import type { Part } from '../plan/plan-parts.ts'
import { cleanMessage } from '../reports/clean.ts'
import { readJestJson } from '../reports/jest-json.ts'
import { readJunit } from '../reports/junit.ts'
import { NODE_REPORTER, readNodeEvents } from '../reports/node-events.ts'
import { runChild } from './child.ts'
import type { ChildEnd } from './child.ts'
import { planCommand } from './plan-command.ts'
import type { PartCommand, PartSettings } from './plan-command.ts'

/** How a part came out. */
export interface PartOutcome {
  readonly outcomes: readonly Outcome[]
  /** Why the process as a whole failed, where its tests do not say it. `died`: it did not end by itself. */
  readonly problem?: { readonly message: string; readonly kind: 'crashed' | 'timeout' | 'assertion' }
  readonly coverage?: LineHits
  /** Why there is no coverage although it was asked for. */
  readonly coverageProblem?: string
}

/** What a part needs of the run. */
export interface PartContext extends Omit<PartSettings, 'folder'> {
  readonly root: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

// A runner that is started by another one must not take itself for a part of it.
const FOREIGN = /^(?:NODE_TEST_CONTEXT|VITEST(?:_.*)?|JEST_WORKER_ID|PYTEST_CURRENT_TEST|PYTEST_XDIST_WORKER)$/

/** Runs the files of a part and reads what its runner reports. */
export async function runPart(part: Part, context: PartContext): Promise<PartOutcome> {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'keploy-run-'))
  try {
    const planned = planCommand(part, { ...context, folder })
    const { project } = part
    if (planned.report.format === 'node') await writeFile(join(folder, 'reporter.mjs'), NODE_REPORTER)
    // A report of an earlier run must not be taken for one of this run.
    if (planned.report.format === 'junit') await rm(planned.report.file, { force: true })
    if (project.coverage !== '' && context.coverage) await rm(planned.coverage, { force: true })
    const inherited = Object.entries({ ...context.env, KEPLOY_RUN: 'true', ...project.env }).filter(
      ([name]) => !FOREIGN.test(name),
    )
    const end = await runChild({
      command: planned.command,
      cwd: project.directory,
      env: Object.fromEntries(inherited),
      timeoutMs: project.timeoutMs,
      signal: context.signal,
    })
    const outcomes = planned.report.format === 'none' ? verdicts(part, end) : await readReport(part, planned)
    const problem = problemOf(part, end, outcomes)
    const covered = planned.coverage === '' ? {} : await coverageOf(planned.coverage, part, context.root)
    return { outcomes: outcomes ?? [], ...(problem && { problem }), ...covered }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The tests that the report names; nothing when there is none that can be read. */
async function readReport(part: Part, { report }: PartCommand): Promise<Outcome[] | undefined> {
  const { directory } = part.project
  const base = await realpath(directory).catch(() => directory)
  const relate = (file: string): string => {
    const absolute = isAbsolute(file) ? file : resolve(directory, file)
    const inside = [directory, base].map((folder) => relative(folder, absolute)).find((path) => !path.startsWith('..'))
    return (inside ?? absolute).split(sep).join('/')
  }
  try {
    if ((await stat(report.file)).size > MAX_REPORT_BYTES) return undefined
    const text = await readFile(report.file, 'utf8')
    if (report.format === 'node') return readNodeEvents(text, relate)
    return report.format === 'junit' ? readJunit(text, relate) : readJestJson(text, relate)
  } catch {
    return undefined
  }
}

/** A command without a report is one test for each of its files, or one; its exit code is the verdict. */
function verdicts(part: Part, end: ChildEnd): Outcome[] {
  if (end.code === null || end.timedOut) return []
  const status = end.code === 0 ? 'passed' : 'failed'
  const message = end.code === 0 ? '' : cleanMessage(`It ended with exit code ${end.code}.\n${end.output}`)
  return part.files.map(({ path }) => ({ path, name: part.project.name, status, durationMs: 0, message }))
}

function problemOf(part: Part, end: ChildEnd, outcomes: readonly Outcome[] | undefined): PartOutcome['problem'] {
  const { name, timeoutMs } = part.project
  const told = end.output.trim() === '' ? '' : `\nIts last output:\n${cleanMessage(end.output)}`
  if (end.problem !== undefined) {
    return { kind: 'crashed', message: `The runner of "${name}" could not be started: ${end.problem}` }
  }
  if (end.timedOut) {
    return { kind: 'timeout', message: `"${name}" did not end within ${timeoutMs / 1000} s and was stopped.${told}` }
  }
  if (end.signal !== null) return { kind: 'crashed', message: `"${name}" was ended by ${end.signal}.${told}` }
  if (part.project.kind === 'pytest' && end.output.includes('unrecognized arguments: --cov')) {
    return { kind: 'crashed', message: `"${name}" needs pytest-cov to measure coverage: pip install pytest-cov` }
  }
  if (outcomes === undefined) {
    const how = `"${name}" ended with exit code ${end.code} and left no report that can be read.`
    return { kind: 'crashed', message: `${how}${told}` }
  }
  if (end.code !== 0 && !outcomes.some(({ status }) => status === 'failed')) {
    return {
      kind: 'assertion',
      message: `"${name}" ended with exit code ${end.code}, though none of its tests failed.${told}`,
    }
  }
  return undefined
}

async function coverageOf(
  path: string,
  part: Part,
  root: string,
): Promise<Pick<PartOutcome, 'coverage' | 'coverageProblem'>> {
  try {
    return { coverage: await readCoverage(path, { directory: part.project.directory, root }) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { coverageProblem: `"${part.project.name}" left no coverage that can be read: ${reason}` }
  }
}
