import type { RunEvent, RunResult, SetResult, TestResult } from '@keploy-framework/format'

import { mergeCoverage, summarizeCoverage } from '../coverage/line-hits.ts'
import type { LineHits } from '../coverage/line-hits.ts'
import type { HistoryRun } from '../history/history.ts'
import { findFlaky, findSlower } from '../history/statistics.ts'
import { fileId } from '../model.ts'
import { planCommand } from '../parts/plan-command.ts'
import { runPart } from '../parts/run-part.ts'
import type { Part } from '../plan/plan-parts.ts'
import { closingNotices } from './closing-notices.ts'
import { combineRepeats, judge } from './judge.ts'
import { notRun, partResults, STOPPED } from './part-results.ts'
import type { NotRun, RunTest } from './part-results.ts'
import { recordedResults } from './recorded-results.ts'
import { schedule } from './schedule.ts'
import type { SuiteOptions, SuiteOutcome } from './suite-options.ts'
import { summarize } from './summarize.ts'

/**
 * Runs parts and tells what happens with the events of a replay; the last one is `run-finished`.
 *
 * @throws SuiteError `KEPLOY_RUN_NO_RUNNER` when a runner is not installed; whatever happens to tests is told by events
 * @example
 * const options = { root: process.cwd(), parts: planParts(files), title: 'unit tests', env: process.env, signal }
 * const { result } = await runSuite(options, (event) => reporter.onEvent(event))
 */
export async function runSuite(options: SuiteOptions, emit: (event: RunEvent) => void): Promise<SuiteOutcome> {
  const run = new SuiteRun(options, emit)
  return await run.execute()
}

const PREVIEW = { workers: 1, failFast: false, folder: '' }
const INTERRUPTED: NotRun = { status: 'skipped', kind: 'blocked', message: 'The run was interrupted.' }

/** A part that could not even be begun has failed, and the others go on. */
function broken(part: Part, error: unknown): RunTest[] {
  const message = error instanceof Error ? error.message : String(error)
  return partResults(part, { outcomes: [], problem: { kind: 'crashed', message } })
}

class SuiteRun {
  readonly #options: SuiteOptions
  readonly #emit: (event: RunEvent) => void
  readonly #now: () => number
  readonly #sets = new Map<string, TestResult[]>()
  readonly #rounds: { costs: Record<string, number>; tests: HistoryRun['tests'][number][] }[]
  readonly #coverage: LineHits[] = []
  readonly #coverageProblems: string[] = []
  readonly #mocks = { served: 0, missed: 0, unused: 0 }
  #steps = 0
  #failed = false

  constructor(options: SuiteOptions, emit: (event: RunEvent) => void) {
    this.#options = options
    this.#emit = emit
    this.#now = options.now ?? Date.now
    this.#rounds = Array.from({ length: options.repeat ?? 1 }, () => ({ costs: {}, tests: [] }))
  }

  async execute(): Promise<SuiteOutcome> {
    const { parts, title, parallel = 1, signal, coverage, coverageThreshold, revision } = this.#options
    // A runner that is missing is told before anything has begun.
    for (const part of parts) if (part.project.kind !== 'recorded') planCommand(part, { ...PREVIEW, coverage: false })
    const started = performance.now()
    const at = this.#now()
    this.#emit({ type: 'run-started', at, target: title, title, sets: this.#expected() })
    await schedule(parts, parallel, (part) => this.#part(part))
    // Tests run in full by themselves: they are no code that has to be covered.
    const tested = new Set(parts.flatMap(({ files }) => files.map(({ shown }) => shown)))
    const hits = new Map([...mergeCoverage(this.#coverage)].filter(([file]) => !tested.has(file)))
    const covered = coverage === true ? { hits, summary: summarizeCoverage(hits) } : undefined
    const history = this.#rounds
      .filter(({ tests }) => tests.length > 0)
      .map((round, index) => ({ at: at + index, ...(revision !== undefined && { revision }), ...round }))
    const flakiness = findFlaky([...(this.#options.history ?? []), ...history])
    const sets: SetResult[] = [...this.#sets].map(([name, tests]) => ({ name, tests }))
    const tests = sets.flatMap((set) => set.tests)
    const closing = closingNotices({
      tests,
      quarantine: this.#options.quarantine ?? [],
      flakiness,
      slower: findSlower(this.#options.history ?? [], history),
      coverage: covered?.summary,
      coverageThreshold,
      coverageProblems: this.#coverageProblems,
    })
    for (const notice of closing.notices) this.#emit({ type: 'notice', at: this.#now(), ...notice })
    const summary = summarize(sets, performance.now() - started)
    const ok = summary.failed + summary.blocked === 0 && summary.total > summary.skipped && !closing.failed
    const status = signal.aborted ? 'interrupted' : ok ? 'passed' : 'failed'
    const result: RunResult = { version: 1, status, summary, sets, mocks: { ...this.#mocks } }
    this.#emit({ type: 'run-finished', at: this.#now(), result })
    return { result, history, flakiness, ...(covered && { coverage: covered }) }
  }

  #expected(): { name: string; tests: number }[] {
    const known = new Map<string, number>()
    for (const { file } of this.#options.history?.at(-1)?.tests ?? []) known.set(file, (known.get(file) ?? 0) + 1)
    const sets = new Map<string, number>()
    for (const { project, files } of this.#options.parts) {
      const tests = files.reduce((sum, file) => sum + (known.get(fileId(file)) ?? 1), 0)
      sets.set(project.name, (sets.get(project.name) ?? 0) + tests)
    }
    return [...sets].map(([name, tests]) => ({ name, tests }))
  }

  async #part(part: Part): Promise<void> {
    const { signal, failFast = false, quarantine = [], parts } = this.#options
    if (signal.aborted) return this.#tell(notRun(part.files, INTERRUPTED))
    if (failFast && this.#failed && !part.critical) return this.#tell(notRun(part.files, STOPPED))
    this.#steps += 1
    const count = part.files.length === 1 ? '1 file' : `${part.files.length} files`
    const what = part.project.kind === 'recorded' ? count.replace('file', 'recorded set') : count
    const title = `${part.project.name}: ${part.project.kind === 'command' ? 'running its command' : what}`
    this.#emit({ type: 'step', at: this.#now(), index: this.#steps, total: parts.length, title })
    const rounds: RunTest[][] = []
    for (const round of this.#rounds) {
      if (signal.aborted) break
      const begun = performance.now()
      const tests = await this.#once(part).catch((error: unknown) => broken(part, error))
      this.#remember(round, tests, performance.now() - begun)
      rounds.push(tests)
    }
    this.#tell(combineRepeats(rounds).map((test) => judge(test, quarantine)))
  }

  async #once(part: Part): Promise<RunTest[]> {
    const { root, env, signal, parallel = 1, workers = 1, failFast = false, coverage = false, recorded } = this.#options
    if (part.project.kind === 'recorded' && recorded !== undefined) {
      const outcome = await recorded(part, { signal, notice: this.#emit })
      for (const key of ['served', 'missed', 'unused'] as const) this.#mocks[key] += outcome.mocks[key]
      return recordedResults(part, outcome, signal.aborted)
    }
    const share = Math.max(1, Math.floor(workers / Math.max(1, part.alone ? 1 : parallel)))
    const outcome = await runPart(part, { root, env, signal, workers: share, failFast, coverage })
    if (outcome.coverage) this.#coverage.push(outcome.coverage)
    if (outcome.coverageProblem !== undefined) this.#coverageProblems.push(outcome.coverageProblem)
    if (!signal.aborted) return partResults(part, outcome, failFast)
    const { problem: _ended, ...rest } = outcome
    const told = partResults(part, rest).filter(({ result }) => result.attempts > 0)
    const silent = part.files.filter((file) => !told.some((test) => test.file === file))
    return [...told, ...notRun(silent, INTERRUPTED)]
  }

  /** Results as they were, before quarantine; what was not run says nothing about a test. */
  #remember(
    round: { costs: Record<string, number>; tests: HistoryRun['tests'][number][] },
    tests: readonly RunTest[],
    tookMs: number,
  ): void {
    const ran = tests.filter(({ result }) => result.attempts > 0 || result.status === 'failed')
    const total = ran.reduce((sum, { result }) => sum + result.durationMs, 0) + ran.length
    for (const { file, result } of ran) {
      const id = fileId(file)
      const status =
        result.status === 'passed' || result.status === 'flaky'
          ? 'passed'
          : result.status === 'skipped'
            ? 'skipped'
            : 'failed'
      const ms = Math.round(result.durationMs * 1000) / 1000
      round.tests.push({ file: id, name: this.#clean(result.name), status, ms })
      const share = ((result.durationMs + 1) / total) * tookMs
      round.costs[id] = Math.round((round.costs[id] ?? 0) + share)
    }
  }

  #tell(tests: readonly RunTest[]): void {
    const bySet = Map.groupBy(tests, ({ result }) => result.set)
    for (const [set, members] of bySet) {
      this.#emit({ type: 'set-started', at: this.#now(), set, tests: members.length })
      for (const { result } of members) {
        const cleaned = this.#cleaned(result)
        if (result.status === 'failed' || result.status === 'blocked') this.#failed = true
        const list = this.#sets.get(set)
        if (list) list.push(cleaned)
        else this.#sets.set(set, [cleaned])
        this.#emit({ type: 'test-finished', at: this.#now(), result: cleaned })
      }
      this.#emit({ type: 'set-finished', at: this.#now(), set })
    }
  }

  #clean(text: string): string {
    return this.#options.clean?.(text) ?? text
  }

  #cleaned(result: TestResult): TestResult {
    if (this.#options.clean === undefined || result.method !== '') return result
    const failures = result.failures.map((failure) => ({ ...failure, message: this.#clean(failure.message) }))
    return { ...result, name: this.#clean(result.name), path: this.#clean(result.path), failures }
  }
}
