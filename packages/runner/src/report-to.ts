import type { Reporter, RunEvent } from '@keploy-framework/format'

export interface ReporterFailure {
  readonly reporter: string
  readonly error: unknown
}

/** Several reporters behind one: a failing one is remembered, and told to the others, but stops nobody. */
export interface ReporterGroup {
  onEvent(event: RunEvent): void
  /** Waits for all of them to finish. */
  finish(): Promise<void>
  /** Reporters that threw, each once. When there are any, the run has failed, whatever its tests did. */
  readonly failures: readonly ReporterFailure[]
}

/**
 * Sends every event to every reporter. A reporter that throws gets no more events; the others are told by an error
 * notice.
 *
 * @example
 * const group = reportTo([{ name: 'count', onEvent: () => {} }])
 * group.onEvent({ type: 'set-finished', at: 0, set: 'test-set-0' })
 * await group.finish()
 */
export function reportTo(reporters: readonly Reporter[], now: () => number = Date.now): ReporterGroup {
  const failures: ReporterFailure[] = []
  const failed = new Set<Reporter>()

  const fail = (reporter: Reporter, error: unknown): void => {
    failed.add(reporter)
    failures.push({ reporter: reporter.name, error })
    const reason = error instanceof Error ? error.message : String(error)
    onEvent({
      type: 'notice',
      at: now(),
      level: 'error',
      code: 'KEPLOY_REPORTER_FAILED',
      message: `The reporter \`${reporter.name}\` failed and gets no more events: ${reason}`,
    })
  }

  const onEvent = (event: RunEvent): void => {
    for (const reporter of reporters) {
      if (failed.has(reporter)) continue
      try {
        reporter.onEvent(event)
      } catch (error) {
        fail(reporter, error)
      }
    }
  }

  return {
    failures,
    onEvent,
    async finish() {
      for (const reporter of reporters) {
        try {
          await reporter.finish?.()
        } catch (error) {
          if (!failed.has(reporter)) fail(reporter, error)
        }
      }
    },
  }
}
