import type { Failure, TestResult, TestStatus } from '@keploy-framework/format'

import { fileId } from '../model.ts'
import type { Outcome, TestFile } from '../model.ts'
import type { PartOutcome } from '../parts/run-part.ts'
import type { Part } from '../plan/plan-parts.ts'

/** A test of a run, and the file it belongs to. */
export interface RunTest {
  readonly file: TestFile
  readonly result: TestResult
}

/** Why files were not run. */
export interface NotRun {
  readonly status: 'skipped' | 'failed'
  readonly kind: Failure['kind']
  readonly message: string
}

/** What becomes of the rest after a failure, where a run stops at the first one. */
export const STOPPED: NotRun = {
  status: 'skipped',
  kind: 'blocked',
  message: 'An earlier test failed, and the run stops at the first failure.',
}

/**
 * The results of a part: of each of its files at least one, whatever the runner reported.
 *
 * @param failFast the runner was told to stop at its first failure, so it may leave files out after one
 */
export function partResults(part: Part, { outcomes, problem }: PartOutcome, failFast = false): RunTest[] {
  const files = new Map(part.files.map((file) => [file.path, file]))
  const [only] = part.files
  const results: RunTest[] = []
  const names = new Map<string, number>()
  for (const outcome of outcomes) {
    // A report without paths belongs to the only file; what failed is never dropped, wherever it lies.
    const single = part.files.length === 1 && (outcome.path === '' || only?.path === '') ? only : undefined
    const file = files.get(outcome.path) ?? single ?? (outcome.status === 'failed' ? only : undefined)
    if (file === undefined) continue
    const key = `${fileId(file)} ${outcome.name}`
    const times = (names.get(key) ?? 0) + 1
    names.set(key, times)
    results.push({ file, result: resultOf(file, outcome, times > 1 ? `${outcome.name} (${times})` : outcome.name) })
  }
  const seen = new Set(results.map(({ file }) => file))
  const silent = part.files.filter((file) => !seen.has(file))
  const reason: NotRun = {
    status: 'failed',
    kind: problem?.kind ?? 'invalid-test',
    message: problem?.message ?? 'The runner reported no test of this file.',
  }
  const failed = results.some(({ result }) => result.status === 'failed')
  results.push(...notRun(silent, failFast && failed && problem === undefined ? STOPPED : reason))
  const told = results.some(({ result }) => result.status === 'failed')
  // Nothing above says that the process failed, so it gets a line of its own.
  if (problem !== undefined && only !== undefined && (!told || problem.kind !== 'assertion') && silent.length === 0) {
    const failed = notRun([{ ...only, path: only.path }], reason)[0]
    if (failed !== undefined)
      results.push({ ...failed, result: { ...failed.result, name: '(runner)', path: '(runner)' } })
  }
  return results
}

/** Results for files that were not run, or whose runner said nothing of them. */
export function notRun(files: readonly TestFile[], { status, kind, message }: NotRun): RunTest[] {
  return files.map((file) => {
    const outcome: Outcome = { path: file.path, name: '(file)', status, durationMs: 0, message: '' }
    const result = resultOf(file, outcome, file.shown)
    return { file, result: { ...result, attempts: 0, failures: [{ kind, path: '', message }] } }
  })
}

function resultOf(file: TestFile, outcome: Outcome, name: string): TestResult {
  const { status, message, durationMs } = outcome
  const failures: Failure[] = []
  if (status === 'failed') {
    const text = message === '' ? 'The runner did not say why.' : message
    failures.push({ kind: 'assertion', path: '', message: text })
  }
  return {
    set: file.project.name,
    name,
    suite: file.category,
    file: file.shown,
    status: status satisfies TestStatus,
    method: '',
    path: name,
    durationMs,
    attempts: 1,
    failures,
    bound: [],
    rules: [],
    tags: [...new Set([file.category, ...file.markers])],
  }
}
