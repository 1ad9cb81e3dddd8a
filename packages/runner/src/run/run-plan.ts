import type { RunEvent, RunResult, RunStatus, SetResult } from '@keploy-framework/format'
import { createRedactor } from '@keploy-framework/redact'

import { defaults } from '../defaults.ts'
import type { Plan } from '../plan/plan-run.ts'
import { parseTarget } from '../send/target.ts'
import { EventStream } from './event-stream.ts'
import type { RunOptions } from './run-options.ts'
import { RunScope } from './run-scope.ts'
import { runSet } from './run-set.ts'
import { summarize } from './summarize.ts'

/**
 * Runs a plan and tells what happens, event by event; the last one is `run-finished` with the result. Leaving the loop
 * early interrupts the run and stops the service.
 *
 * @throws RunnerError `KEPLOY_TARGET_INVALID` for an address that can't be used; whatever happens to tests and to the
 * service is told by events
 * @example
 * for await (const event of runPlan(plan, { url: 'http://127.0.0.1:8000' })) {
 *   if (event.type === 'run-finished') console.log(event.result.summary)
 * }
 */
export function runPlan(plan: Plan, options: RunOptions): AsyncIterable<RunEvent> {
  const leave = new AbortController()
  const signal = options.signal === undefined ? leave.signal : AbortSignal.any([leave.signal, options.signal])
  const stream = new EventStream(defaults.eventBacklog, () => leave.abort())
  executePlan(
    plan,
    { ...options, signal },
    (event) => stream.push(event),
    () => stream.room(),
  ).then(
    () => stream.end(),
    (error: unknown) => stream.end(error),
  )
  return stream
}

/**
 * Runs a plan; every event goes to `emit` as it happens. What `emit` throws ends the run: put reporters behind
 * `reportTo`.
 *
 * @example
 * const result = await executePlan(plan, { url: 'http://127.0.0.1:8000' }, (event) => console.log(event.type))
 */
export async function executePlan(
  plan: Plan,
  options: RunOptions,
  emit: (event: RunEvent) => void,
  room?: () => Promise<void> | undefined,
): Promise<RunResult> {
  const started = performance.now()
  const target = parseTarget(options.url)
  const limit = new AbortController()
  const timer = options.runTimeoutMs === undefined ? undefined : setTimeout(() => limit.abort(), options.runTimeoutMs)
  const signal = options.signal === undefined ? limit.signal : AbortSignal.any([limit.signal, options.signal])
  const now = options.now ?? Date.now
  const scope = new RunScope({
    options: { ...options, redactor: options.redactor ?? createRedactor() },
    target,
    signal,
    emit,
    now,
    room,
  })

  emit({
    type: 'run-started',
    at: now(),
    target: target.origin,
    sets: plan.sets.map((set) => ({ name: set.source.name, tests: set.tests.length })),
  })
  const sets: SetResult[] = []
  try {
    for (const set of plan.sets) sets.push(await runSet(set, scope))
  } finally {
    clearTimeout(timer)
    await scope.stopService()
    await scope.closeDependencies()
  }
  scope.step('Summing up')
  const summary = summarize(sets, performance.now() - started)
  const interrupted: RunStatus | undefined =
    options.signal?.aborted === true ? 'interrupted' : limit.signal.aborted ? 'timed-out' : undefined
  const ran = summary.total - summary.skipped
  const enough =
    ran > 0 &&
    summary.passRate >= (options.minPassRate ?? defaults.minPassRate) &&
    !scope.hasBroken &&
    !scope.mocksFailed
  const result: RunResult = {
    version: 1,
    status: interrupted ?? (enough ? 'passed' : 'failed'),
    summary,
    sets,
    mocks: { ...scope.mocks },
  }
  emit({ type: 'run-finished', at: now(), result })
  return result
}
