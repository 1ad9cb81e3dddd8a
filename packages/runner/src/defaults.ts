/** Every default of this package, in one place. Times are milliseconds, sizes bytes. */
export const defaults = {
  /** How long one test may take, from the first byte sent to the last byte read. */
  testTimeoutMs: 5_000,
  /** What of a response body is kept; a longer one is cut and fails its test. */
  bodyLimit: 64 * 1024 * 1024,
  /** How long an endless stream is watched for more than was recorded, beyond the pause that the recording shows. */
  streamSettleMs: 250,
  retries: 0,
  workers: 1,
  /** 1 means that every test has to pass. */
  minPassRate: 1,
  host: '127.0.0.1',
  /** What of the service's output is kept for display. */
  outputLimit: 64 * 1024,
  /** Lines of output shown when the service fails. */
  outputLines: 40,
  /** Between SIGTERM and SIGKILL. */
  stopGraceMs: 5_000,
  /** How long children of the service may outlive it before they are killed. */
  groupGraceMs: 500,
  /** How long the last output of an ended service is waited for, when something else holds its pipe open. */
  lastOutputMs: 100,
  /** How long the end of the service's process is waited for after a connection to it broke. */
  crashNoticeMs: 250,
  readiness: {
    /** The longest pause between two attempts; the first pauses are shorter. */
    intervalMs: 100,
    attemptTimeoutMs: 1_000,
    totalTimeoutMs: 60_000,
  },
  /** How long a hook or script of a set may run. */
  scriptTimeoutMs: 60_000,
  /** What of parsed tests is kept between planning and sending; the rest is read again. */
  testCacheLimit: 32 * 1024 * 1024,
  /** Different noise rules of tests that are kept compiled. */
  noiseCache: 1_000,
  /** Files of a set that are read at once. */
  readAhead: 32,
  /** How much of each body a result carries for display. */
  snapshotLimit: 64 * 1024,
  /** Events that a slow reader of the stream may leave unread before the run waits for it. */
  eventBacklog: 4_096,
} as const
