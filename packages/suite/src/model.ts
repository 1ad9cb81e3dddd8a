/** What a test is for; each test is in exactly one. */
export const CATEGORIES = ['unit', 'integration', 'e2e', 'mission_critical', 'performance'] as const

/** One of `CATEGORIES`. */
export type Category = (typeof CATEGORIES)[number]

/** What runs the tests of a project. */
export const PROJECT_KINDS = ['vitest', 'node-test', 'jest', 'pytest', 'command', 'recorded'] as const

/** One of `PROJECT_KINDS`. */
export type ProjectKind = (typeof PROJECT_KINDS)[number]

/** Tests that one runner runs. */
export interface Project {
  readonly name: string
  readonly kind: ProjectKind
  /** Absolute folder in which the runner is started, and that globs begin at. */
  readonly directory: string
  /** Globs of test files; for `recorded` of test sets. */
  readonly files: readonly string[]
  readonly exclude: readonly string[]
  /** Of every file of the project; absent: each file says its own. */
  readonly category?: Category
  /** Of files that say none; only projects that were found, not written down, have it. */
  readonly fallbackCategory?: Category
  readonly markers: readonly string[]
  /** Its tests can't be left out, and one that is skipped has failed. */
  readonly critical: boolean
  /** Empty: the runner's own. For the shell; arguments are appended, or put in place of `{files}`. */
  readonly command: string
  /** For `recorded`: whose sets are replayed, of the services that are configured; empty: those of the run. */
  readonly service: string
  readonly env: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** Where a `command` writes its JUnit XML, relative to the folder; empty: its exit code is the verdict. */
  readonly report: string
  /** Where the project leaves its coverage (lcov, or JSON of Istanbul); empty: it is asked of the runner. */
  readonly coverage: string
}

/** A file of tests, a test set, or a command. */
export interface TestFile {
  readonly project: Project
  /** Relative to the project's folder, with `/`. */
  readonly path: string
  /** Relative to the root of the run, with `/`. */
  readonly shown: string
  readonly category: Category
  readonly markers: readonly string[]
  readonly critical: boolean
}

/** The name of a file in history and choice, unique in a run. */
export function fileId(file: Pick<TestFile, 'project' | 'path'>): string {
  return `${file.project.name}:${file.path}`
}

/** What a runner said of one test. */
export interface Outcome {
  /** As in `TestFile`; empty when the runner did not say. */
  readonly path: string
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped'
  readonly durationMs: number
  /** Why it failed, or was skipped; empty when nothing was said. */
  readonly message: string
}
