import type { Reporter } from '@keploy-framework/format'

/** A reporter that knows which files it wrote. */
export interface RunReporter extends Reporter {
  finish(): Promise<void>
  /** Absolute paths of the files that `finish` wrote. */
  readonly files: readonly string[]
}
