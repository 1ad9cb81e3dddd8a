/** The folder of sets, relative to the working directory. */
export const DEFAULT_DIRECTORY = 'keploy'
/** When the journal is forced to the disk: at most so long after it was written. Milliseconds. */
export const DEFAULT_FSYNC_INTERVAL_MS = 1000
/** An exchange that is open for longer gets records of its own; one that closes sooner is written whole. Milliseconds. */
export const DEFAULT_OPEN_AFTER_MS = 10
/** How long `finish` waits for exchanges in flight. Milliseconds. */
export const DEFAULT_GRACE_MS = 2000
/** Bytes of one body that are kept. */
export const DEFAULT_BODY_LIMIT = 1024 * 1024
/** A name of a test has at most so many characters, without its number. */
export const MAX_NAME = 40
