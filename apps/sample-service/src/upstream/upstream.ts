import type { Caller } from './caller.ts'

export interface UpstreamRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the base URL; made by the tag `path`. */
  path: string
  query?: Record<string, string | number | undefined>
  body?: unknown
}

export interface UpstreamContext {
  caller: Caller
  /** Sent as `Idempotency-Key`, so that a request that is repeated has its effect once. */
  idempotencyKey: string
}

/**
 * The API that has the clients, sessions, conversations, templates and documents. Every implementation passes
 * `test/contracts/upstream.ts`.
 */
export interface Upstream {
  /** For people. */
  readonly kind: string
  /**
   * Resolves with the JSON of the answer, null for an empty one.
   *
   * @throws UpstreamError
   */
  send(request: UpstreamRequest, context: UpstreamContext): Promise<unknown>
}

/**
 * A path whose values cannot leave their segment.
 *
 * @example
 * path`/clients/${'../x'}` // '/clients/..%2Fx'
 */
export function path(parts: TemplateStringsArray, ...values: string[]): string {
  return String.raw({ raw: parts }, ...values.map(segment))
}

/** `.` and `..` are steps in a path, even when they are encoded. */
function segment(value: string): string {
  return /^\.{1,2}$/.test(value) ? value.replaceAll('.', '%252E') : encodeURIComponent(value)
}
