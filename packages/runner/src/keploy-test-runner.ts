import { resolve } from 'node:path'

import type { InputIssue, Reporter, RunEvent, RunResult } from '@keploy-framework/format'
import { ResultValidator } from '@keploy-framework/validator'

import { defaults } from './defaults.ts'
import { loadPlan } from './plan/load-plan.ts'
import type { Selection } from './plan/plan-run.ts'
import { reportTo } from './report-to.ts'
import { EventStream } from './run/event-stream.ts'
import type { RunOptions } from './run/run-options.ts'
import type { RunServiceOptions } from './run/run-options.ts'
import { executePlan } from './run/run-plan.ts'

export interface KeployTestRunnerOptions extends Omit<RunOptions, 'url' | 'service'> {
  /** Where the API is reached, for example `http://127.0.0.1:8000`. */
  readonly apiUrl: string
  /** The folder of test sets. Default: `keploy`. */
  readonly directory?: string
  /** Starts the API. Absent: what runs at `apiUrl` is tested. */
  readonly command?: RunServiceOptions['command']
  /** How the API is started, beside the command. */
  readonly service?: Omit<RunServiceOptions, 'command'>
  readonly selection?: Selection
  /** Hear of everything that happens. Default: none. */
  readonly reporters?: readonly Reporter[]
  /** Writes the report when `generateReport` is set. */
  readonly report?: (result: RunResult) => Promise<void>
}

export interface RunAllTestsOptions {
  /** Throws when the pass rate is below `minPassRate`. Default: false. */
  readonly validate?: boolean
  /** Calls `report` with the result. Default: false. */
  readonly generateReport?: boolean
}

/**
 * Runs recorded tests against an API.
 *
 * @example
 * const runner = new KeployTestRunner({ apiUrl: 'http://127.0.0.1:8000', command: 'node server.js' })
 * const result = await runner.runAllTests({ validate: true })
 * console.log(result.summary.passRate)
 */
export class KeployTestRunner {
  readonly apiUrl: string
  /** Problems found in the files of the sets while planning the last run. */
  issues: readonly InputIssue[] = []
  readonly #options: KeployTestRunnerOptions
  readonly #listeners = new Set<EventStream>()

  constructor(options: KeployTestRunnerOptions) {
    this.apiUrl = options.apiUrl
    this.#options = options
  }

  /** The events of the run that is under way or comes next, up to its end. Each reader gets all from its start on. */
  get events(): AsyncIterable<RunEvent> {
    const stream = new EventStream(defaults.eventBacklog, () => this.#listeners.delete(stream))
    this.#listeners.add(stream)
    return stream
  }

  /**
   * Runs every selected test.
   *
   * @throws ValidatorError when `validate` is set and the pass rate is below the bar
   * @throws RunnerError `KEPLOY_TARGET_INVALID`, `KEPLOY_SELECTION_INVALID`, `KEPLOY_REPORTER_FAILED`
   */
  async runAllTests(options: RunAllTestsOptions = {}): Promise<RunResult> {
    const { apiUrl, command, directory, reporters = [], report, selection, service, ...rest } = this.#options
    const { plan, issues } = await loadPlan(resolve(directory ?? 'keploy'), selection)
    this.issues = issues
    const group = reportTo(reporters)
    const streams = [...this.#listeners]
    const emit = (event: RunEvent): void => {
      group.onEvent(event)
      for (const stream of streams) stream.push(event)
    }
    const room = (): Promise<void> | undefined => {
      const waiting = streams.flatMap((stream) => stream.room() ?? [])
      return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined)
    }
    let result: RunResult
    try {
      result = await executePlan(
        plan,
        { ...rest, url: apiUrl, ...(command === undefined ? {} : { service: { ...service, command } }) },
        emit,
        room,
      )
    } finally {
      for (const stream of streams) {
        stream.end()
        this.#listeners.delete(stream)
      }
      await group.finish()
    }
    if (group.failures.length > 0) result = { ...result, status: result.status === 'passed' ? 'failed' : result.status }
    if (options.generateReport === true) await report?.(result)
    if (options.validate === true) {
      new ResultValidator({ minPassRate: rest.minPassRate ?? defaults.minPassRate }).assertPassRate(result)
    }
    return result
  }
}
