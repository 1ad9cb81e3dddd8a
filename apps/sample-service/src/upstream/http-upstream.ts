import {
  circuitBreaker,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  isBrokenCircuitError,
  retry,
} from 'cockatiel'

import { readLimited } from '../agents/read-limited.ts'
import { profileHeaders } from './caller.ts'
import type { TokenSeal } from './token-seal.ts'
import { errorOfStatus, UpstreamError } from './upstream-error.ts'
import type { Upstream, UpstreamContext, UpstreamRequest } from './upstream.ts'

export interface HttpUpstreamOptions {
  /** What stands before every path: `https://api.example.com/v2`. */
  baseUrl: string
  seal: TokenSeal
  /** For one attempt. Default 10,000. */
  timeoutMs?: number
  /** How often a request that failed is repeated. Default 3. */
  retries?: number
  /** Before the first repetition, in milliseconds; grows from then on. Default 200. */
  backoffMs?: number
  /** A longer answer is malformed. Default 4 MiB. */
  maxBytes?: number
  /** How many attempts in a row must fail until none is made for a while. Default 5. */
  threshold?: number
  /** How long that is, in milliseconds; then one may try. Default 60,000. */
  resetMs?: number
}

const isPassing = (error: unknown): boolean => error instanceof UpstreamError && error.isPassing

/** The upstream at a URL. Failures, broken answers and silence are tried again, and count for a circuit; what it refuses is not. */
export class HttpUpstream implements Upstream {
  readonly kind: string
  readonly #options: Required<HttpUpstreamOptions>
  readonly #retry: ReturnType<typeof retry>
  readonly #breaker: ReturnType<typeof circuitBreaker>

  constructor(options: HttpUpstreamOptions) {
    this.#options = {
      timeoutMs: 10_000,
      retries: 3,
      backoffMs: 200,
      maxBytes: 4 * 1024 * 1024,
      threshold: 5,
      resetMs: 60_000,
      ...options,
    }
    this.#breaker = circuitBreaker(handleWhen(isPassing), {
      halfOpenAfter: this.#options.resetMs,
      breaker: new ConsecutiveBreaker(this.#options.threshold),
    })
    this.kind = `upstream at ${new URL(options.baseUrl).host}`
    this.#retry = retry(handleWhen(isPassing), {
      maxAttempts: this.#options.retries,
      backoff: new ExponentialBackoff({
        initialDelay: this.#options.backoffMs,
        maxDelay: this.#options.backoffMs * 8,
      }),
    })
  }

  async send(request: UpstreamRequest, context: UpstreamContext): Promise<unknown> {
    try {
      return await this.#retry.execute(() => this.#breaker.execute(() => this.#attempt(request, context)))
    } catch (error) {
      if (!isBrokenCircuitError(error)) throw error
      const message = 'The upstream has failed several times in a row, and is left alone for a while.'
      throw new UpstreamError('UPSTREAM_CIRCUIT_OPEN', message, { cause: error })
    }
  }

  async #attempt(request: UpstreamRequest, context: UpstreamContext): Promise<unknown> {
    const what = `${request.method} ${request.path}`
    const { status, text } = await this.#fetch(request, context, what)
    if (status < 200 || status >= 300) throw errorOfStatus(status, what)
    if (text === undefined) throw new UpstreamError('UPSTREAM_MALFORMED', `The answer is too long: ${what}.`)
    if (text === '') return null
    try {
      return JSON.parse(text) as unknown
    } catch (error) {
      throw new UpstreamError('UPSTREAM_MALFORMED', `The answer is no JSON: ${what}.`, { cause: error })
    }
  }

  async #fetch(
    { method, path, query = {}, body }: UpstreamRequest,
    context: UpstreamContext,
    what: string,
  ): Promise<{ status: number; text: string | undefined }> {
    const { baseUrl, timeoutMs, maxBytes } = this.#options
    const url = new URL(`${baseUrl.replace(/\/+$/, '')}${path}`)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value))
    }
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(url, {
        method,
        headers: {
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(method !== 'GET' && { 'idempotency-key': context.idempotencyKey }),
          ...this.#identity(context),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // The token is for this host and no other.
        redirect: 'error',
        signal,
      })
      return { status: response.status, text: await readLimited(response.body, maxBytes) }
    } catch (error) {
      throw signal.aborted
        ? new UpstreamError('UPSTREAM_TIMEOUT', `The upstream took too long: ${what}.`, { cause: error })
        : new UpstreamError('UPSTREAM_UNREACHABLE', `The upstream cannot be reached: ${what}.`, { cause: error })
    }
  }

  #identity({ caller }: UpstreamContext): Record<string, string> {
    const sealed = caller.sealed_authorization
    const authorization = sealed === null ? undefined : this.#options.seal.open(sealed, caller)
    return { ...(authorization !== undefined && { authorization }), ...profileHeaders(caller) }
  }
}
