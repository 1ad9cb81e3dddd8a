import { checkNumber } from '../options.ts'
import { statusErrors, type WireError } from './status-errors.ts'

/** An answer with an error status. */
export interface StatusFault {
  readonly fault: 'status'
  readonly status: number
  readonly error: WireError
  readonly headers: Readonly<Record<string, string>>
}

/** What happens to an answer on its way. */
export type TransportFault =
  | { readonly fault: 'timeout'; readonly ms: number }
  | { readonly fault: 'delay'; readonly ms: number }
  | { readonly fault: 'stall'; readonly afterChunks: number; readonly ms: number }
  | {
      readonly fault: 'cut'
      readonly afterChunks: number
      readonly how: 'reset' | 'close'
      readonly settleMs: number
    }
  | { readonly fault: 'endEarly'; readonly afterChunks: number }
  | { readonly fault: 'malformed'; readonly afterChunks: number; readonly text: string }
  | { readonly fault: 'errorChunk'; readonly afterChunks: number; readonly error: WireError }

/** What the model itself does. */
export type ModelFault =
  | { readonly fault: 'contentFilter'; readonly at: 'input' | 'output'; readonly category: string }
  | { readonly fault: 'empty'; readonly choices: 'blank' | 'none' }

/** Something that goes wrong on purpose; made by {@link faults}. */
export type LlmFault = StatusFault | TransportFault | ModelFault

/** How a client is told when to try again. */
export interface RetryHints {
  /** Milliseconds in `retry-after-ms`, which the official client prefers to `retry-after`. Default: no header. */
  readonly retryAfterMs?: number
  /** Seconds, or a moment, in `retry-after`. Default: no header. */
  readonly retryAfter?: number | Date
  /** `x-should-retry`, which overrules the status. Default: no header. */
  readonly shouldRetry?: boolean
}

/** An answer with an error status, field by field. */
export interface StatusOptions extends RetryHints {
  /** Default: what the API says for that status. */
  readonly message?: string
  /** Default: what the API says for that status. */
  readonly type?: string
  /** Default: what the API says for that status. */
  readonly code?: string | null
  /** The parameter that is at fault. Default: `null`. */
  readonly param?: string | null
  /** Further headers. Default: none. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Where in a stream something happens. */
export interface Position {
  /** After so many events were sent. An answer that is no stream counts as two pieces. Default: 1. */
  readonly afterChunks?: number
}

function status(code: number, options: StatusOptions = {}): StatusFault {
  checkNumber('faults.status', code, { from: 400, to: 599, whole: true })
  const known = statusErrors(code)
  const headers: Record<string, string> = { ...options.headers }
  if (options.retryAfterMs !== undefined) {
    headers['retry-after-ms'] = String(checkNumber('retryAfterMs', options.retryAfterMs, { from: 0 }))
  }
  if (options.retryAfter !== undefined) {
    headers['retry-after'] =
      options.retryAfter instanceof Date
        ? options.retryAfter.toUTCString()
        : String(checkNumber('retryAfter', options.retryAfter, { from: 0 }))
  }
  if (options.shouldRetry !== undefined) headers['x-should-retry'] = String(options.shouldRetry)
  return {
    fault: 'status',
    status: code,
    headers,
    error: {
      message: options.message ?? known.message,
      type: options.type ?? known.type,
      param: options.param ?? null,
      code: options.code === undefined ? known.code : options.code,
    },
  }
}

function after(options: Position, fallback = 1): number {
  return checkNumber('afterChunks', options.afterChunks ?? fallback, { from: 0, whole: true })
}

/**
 * The vocabulary of what can go wrong. A fault stands wherever a script's step can, alone or in the field `fault` beside
 * a `match` and a `reply`; without a reply, a stream that breaks carries a short text.
 *
 * @throws {LlmError} `KEPLOY_LLM_OPTION` for a number out of its range
 * @example
 * llm.chat.once(faults.rateLimit({ retryAfterMs: 50 }), faults.stall({ afterChunks: 2 }))
 */
export const faults = {
  /** Any status from 400 to 599 with the error body that the API sends. The client retries 408, 409, 429 and 5xx. */
  status,
  /** 429 `rate_limit_exceeded`. */
  rateLimit: (options: StatusOptions = {}): StatusFault => status(429, options),
  /** 429 `insufficient_quota`, which the official client retries as well. */
  quota: (options: StatusOptions = {}): StatusFault =>
    status(429, {
      message: 'You exceeded your current quota, please check your plan and billing details.',
      type: 'insufficient_quota',
      code: 'insufficient_quota',
      ...options,
    }),
  /** 500. */
  serverError: (options: StatusOptions = {}): StatusFault => status(500, options),
  /** No headers for `ms` milliseconds, then the answer. Default: never. The client's timeout ends the wait. */
  timeout: (options: { readonly ms?: number } = {}): TransportFault => ({
    fault: 'timeout',
    ms: options.ms === undefined ? Number.POSITIVE_INFINITY : checkNumber('ms', options.ms, { from: 0 }),
  }),
  /** A whole answer, `ms` milliseconds late. */
  delay: (options: { readonly ms: number }): TransportFault => ({
    fault: 'delay',
    ms: checkNumber('ms', options.ms, { from: 0 }),
  }),
  /** Goes silent after some chunks, for `ms` milliseconds. Default: for ever. No time limit of the client ends that. */
  stall: (options: Position & { readonly ms?: number } = {}): TransportFault => ({
    fault: 'stall',
    afterChunks: after(options),
    ms: options.ms === undefined ? Number.POSITIVE_INFINITY : checkNumber('ms', options.ms, { from: 0 }),
  }),
  /**
   * Cuts the connection: at once (`afterChunks: 0`, the default, which the client retries), or `settleMs` (default 50)
   * after some chunks, so that they were read. `how: 'reset'` (default) sends a reset, `how: 'close'` closes without the
   * end of the answer.
   */
  cut: (options: Position & { readonly how?: 'reset' | 'close'; readonly settleMs?: number } = {}): TransportFault => ({
    fault: 'cut',
    afterChunks: after(options, 0),
    how: options.how ?? 'reset',
    settleMs: checkNumber('settleMs', options.settleMs ?? 50, { from: 0 }),
  }),
  /** Ends the answer properly, but too early: a stream without finish reason and `[DONE]`, a body that lacks its half. */
  endEarly: (options: Position = {}): TransportFault => ({ fault: 'endEarly', afterChunks: after(options) }),
  /** JSON that cannot be parsed: in place of the answer, or as an event after some chunks. */
  malformedJson: (options: Position = {}): TransportFault => ({
    fault: 'malformed',
    afterChunks: after(options, 0),
    text: 'data: {"id":"chatcmpl-broken","choices":[{"ind\n\n',
  }),
  /** An `error` event in the stream, after some chunks. */
  errorChunk: (options: Position & StatusOptions = {}): TransportFault => ({
    fault: 'errorChunk',
    afterChunks: after(options),
    error: status(500, options).error,
  }),
  /**
   * The content filter: at the output (default) the text breaks off with the finish reason `content_filter`; at the
   * input the request is answered 400.
   */
  contentFilter: (options: { readonly at?: 'input' | 'output'; readonly category?: string } = {}): ModelFault => ({
    fault: 'contentFilter',
    at: options.at ?? 'output',
    category: options.category ?? 'violence',
  }),
  /** An answer without text: an empty message (default), or no choice at all. */
  empty: (options: { readonly choices?: 'blank' | 'none' } = {}): ModelFault => ({
    fault: 'empty',
    choices: options.choices ?? 'blank',
  }),
} as const
