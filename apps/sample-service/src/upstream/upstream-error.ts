export const upstreamErrorCodes = [
  'UPSTREAM_UNAUTHORIZED',
  'UPSTREAM_FORBIDDEN',
  'UPSTREAM_NOT_FOUND',
  'UPSTREAM_REJECTED',
  'UPSTREAM_FAILED',
  'UPSTREAM_MALFORMED',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_CIRCUIT_OPEN',
] as const
export type UpstreamErrorCode = (typeof upstreamErrorCodes)[number]

/** A request that the upstream did not answer with what was asked for. The message is for the model and its user. */
export class UpstreamError extends Error {
  readonly code: UpstreamErrorCode

  constructor(code: UpstreamErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UpstreamError'
    this.code = code
  }

  /** Whether the same request may succeed later. */
  get isPassing(): boolean {
    return ['UPSTREAM_FAILED', 'UPSTREAM_MALFORMED', 'UPSTREAM_TIMEOUT', 'UPSTREAM_UNREACHABLE'].includes(this.code)
  }
}

/** What an answer other than a success means. Bodies are not repeated: they may hold anything. */
export function errorOfStatus(status: number, what: string): UpstreamError {
  if (status === 401) return new UpstreamError('UPSTREAM_UNAUTHORIZED', `The sign-in does not hold any more: ${what}.`)
  if (status === 403) return new UpstreamError('UPSTREAM_FORBIDDEN', `This user may not do that: ${what}.`)
  if (status === 404) return new UpstreamError('UPSTREAM_NOT_FOUND', `There is no such thing: ${what}.`)
  if (status === 408 || status === 429 || status >= 500) {
    return new UpstreamError('UPSTREAM_FAILED', `The upstream failed with ${status}: ${what}.`)
  }
  return new UpstreamError('UPSTREAM_REJECTED', `The upstream refused the request with ${status}: ${what}.`)
}
