/** How a process ended: an exit code or a signal. */
export interface ServiceExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** What of the redactor the service needs; a `Redactor` of `@keploy-framework/redact` fits. */
export interface OutputRedactor {
  stream(where: string): { push(chunk: Uint8Array): Uint8Array; flush(): Uint8Array }
}

export interface ReadinessOptions {
  /** Probed for readiness. Default: the service's `port`; without either, a started process counts as ready. */
  readonly port?: number
  /** Asked for once the port accepts connections; any status from 200 to 399 means ready. Default: none. */
  readonly healthPath?: string
  /** Longest pause between attempts, in milliseconds; the first ones are shorter. Default: 100. */
  readonly intervalMs?: number
  /** Limit of one attempt, in milliseconds. Default: 1,000. */
  readonly attemptTimeoutMs?: number
  /** Limit of all attempts together, in milliseconds. Default: 60,000. */
  readonly totalTimeoutMs?: number
  /**
   * Milliseconds for which a connection has to stay open before the port counts as served. Docker accepts connections to a
   * published port before the service in the container does, and ends them at once. Default: 0.
   */
  readonly heldMs?: number
  /** Asked before each attempt: what keeps the port from counting yet, a container that is not up for example. */
  readonly waitsFor?: () => Promise<string | undefined>
}

export interface ServiceOptions {
  /** A string is given to the shell; a list is a program and its arguments. */
  readonly command: string | readonly string[]
  /** Default: the current folder. */
  readonly cwd?: string
  /** Added to this process's environment. Default: nothing. */
  readonly env?: Readonly<Record<string, string>>
  /** Where the service listens. It must be free before the service starts. Default: not checked. */
  readonly port?: number
  /** Where the service is reached. Default: `127.0.0.1`. */
  readonly host?: string
  readonly readiness?: ReadinessOptions
  /** Cleans the output before it is kept. Default: kept as it is. */
  readonly redactor?: OutputRedactor
  /** Bytes of output that are kept. Default: 65,536. */
  readonly outputLimit?: number
  /** Milliseconds between SIGTERM and SIGKILL. Default: 5,000. */
  readonly stopGraceMs?: number
  /** Called once before the process is sent SIGTERM: ends what signals don't reach, a container. Default: nothing. */
  readonly beforeStop?: () => Promise<void>
  /** Gives up waiting for readiness, and stops what was started. */
  readonly signal?: AbortSignal
}

/** A running service. Ends with `stop()` or `await using`; whatever it started ends with it. */
export interface Service extends AsyncDisposable {
  readonly pid: number
  readonly command: string
  /** Whether the process, or what it left running in the background, is still there. */
  readonly alive: boolean
  /** Set once the process has ended. */
  readonly exit: ServiceExit | undefined
  /** Resolves when the process ends, whoever ended it. */
  readonly exited: Promise<ServiceExit>
  /** Whether `stop()` was called: an exit after it is nobody's failure. */
  readonly stopping: boolean
  /** The last lines of output, redacted. */
  output(lines?: number): string
  /** Bytes the service has printed so far. */
  readonly outputBytes: number
  /** SIGTERM to the whole group, SIGKILL after the grace time. May be called more than once. */
  stop(): Promise<ServiceExit>
}
