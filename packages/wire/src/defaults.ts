/** Bytes of one body, one event or one message that are kept: 1 MiB. */
export const DEFAULT_BODY_LIMIT = 1024 * 1024

/** Bytes of one message head (start line and header lines), or of one trailer section: 128 KiB. */
export const DEFAULT_HEAD_LIMIT = 128 * 1024

/** Requests of one connection that may wait for their response (pipelining): 1024. */
export const DEFAULT_PIPELINE_LIMIT = 1024

/** Bytes of stream items that are kept for the `close` event of one exchange: 8 MiB. */
export const DEFAULT_STREAM_LIMIT = 8 * 1024 * 1024

/** Bytes that a body past the limit may decode to for the sake of its digest: 64 MiB. */
export const DEFAULT_DECODE_LIMIT = 64 * 1024 * 1024
