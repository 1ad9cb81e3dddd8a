/** Nothing listens beyond this machine unless told to. */
export const DEFAULT_HOST = '127.0.0.1'

/** How long `close` waits for exchanges under way, in milliseconds. */
export const DEFAULT_GRACE_MS = 5000

/** Bytes towards one client that one turn of the event loop may hold before the service is paused: 256 KiB. */
export const DEFAULT_TURN_LIMIT = 256 * 1024
