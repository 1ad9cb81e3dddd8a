/** Where text goes: a process stream, or anything with the same `write`. */
export interface OutputStream {
  write(text: string): unknown
  /** When present, and `write` returned false, big documents wait for it before they go on. */
  once?(event: 'drain', listener: () => void): unknown
  readonly isTTY?: boolean
}

/** The reporters that come with the package. */
export type ReporterName = 'pretty' | 'json' | 'junit' | 'html' | 'github'

/** What a reporter needs from the outside. */
export interface ReporterOptions {
  /** Where results go. */
  readonly stdout: OutputStream
  /** Where progress goes. */
  readonly stderr: OutputStream
  /** Folder for files. Default: `keploy-report` under `cwd`; without it `json` writes to `stdout`. */
  readonly output?: string
  /** Colours in the terminal. Default: false; the caller looks at `NO_COLOR` and at the stream. */
  readonly color?: boolean
  /** Columns of the terminal. Default: 80. */
  readonly width?: number
  /** Everything that is written goes through it first. */
  readonly redact?: (text: string) => string
  /** What relative paths start from. Default: the process's working folder. */
  readonly cwd?: string
  /** Every bound value and every rule, and nothing cut. Default: false. */
  readonly verbose?: boolean
  /** Only what did not pass, and the summary. Default: false. */
  readonly quiet?: boolean
  /** A progress line that overwrites itself. Default: whether `stderr` is a terminal. */
  readonly live?: boolean
  /** The folder of sets, as seen from the root of the repository; annotations name files under it. Default: `keploy`. */
  readonly sets?: string
  /** The file that GitHub shows as the job's summary. Default: `GITHUB_STEP_SUMMARY` of the environment. */
  readonly stepSummary?: string
}
