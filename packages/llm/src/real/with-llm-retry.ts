import { isObject, reasonOf } from '../json.ts'
import { wait } from '../server/wait.ts'

/** What is told before a wait. */
export interface RetryNotice {
  /** The attempt that failed, from 1. */
  readonly attempt: number
  readonly delayMs: number
  readonly reason: string
}

/** How attempts are repeated. */
export interface LlmRetryOptions {
  /** Milliseconds in front of each further attempt. Default: 2000, 4000, 8000. */
  readonly delaysMs?: readonly number[]
  /** Waits; false when the signal came first. Default: the system's clock. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<boolean>
  readonly onRetry?: (notice: RetryNotice) => void
  /** Ends the waiting. Default: never. */
  readonly signal?: AbortSignal
}

/**
 * Repeats work that failed for a reason which may pass: a rate limit, a broken connection, an error of the API. What
 * cannot pass (a wrong key, a bad request, an empty quota, `x-should-retry: false`) is thrown at once. Give the client
 * `maxRetries: 0`, else both repeat.
 *
 * @throws what the last attempt threw
 * @example
 * await withLlmRetry(() => client.chat.completions.create(request))
 */
export async function withLlmRetry<T>(
  work: (attempt: number) => Promise<T>,
  options: LlmRetryOptions = {},
): Promise<T> {
  const { delaysMs = [2000, 4000, 8000], sleep = wait, signal = new AbortController().signal } = options
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt)
    } catch (error) {
      const delayMs = delaysMs[attempt - 1]
      if (delayMs === undefined || signal.aborted || !mayPass(error)) throw error
      options.onRetry?.({ attempt, delayMs, reason: reasonOf(error) })
      if (!(await sleep(delayMs, signal))) throw error
    }
  }
}

const connectionCodes = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_)/

/** Whether an error of a client is one that may not come again. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { status, code, headers, cause } = error as Error & Record<string, unknown>
  const should =
    headers instanceof Headers ? headers.get('x-should-retry') : isObject(headers) ? headers['x-should-retry'] : null
  if (should === 'true' || should === 'false') return should === 'true'
  if (code === 'insufficient_quota') return false
  if (typeof status === 'number') return [408, 409, 429].includes(status) || status >= 500
  if (typeof code === 'string' && connectionCodes.test(code)) return true
  // The official client and fetch tell broken connections only by their class or text.
  if (/APIConnection(Timeout)?Error/.test(error.constructor.name)) return true
  if (error instanceof TypeError && /^(terminated|fetch failed)$/.test(error.message)) return true
  return cause !== undefined && cause !== error && mayPass(cause)
}
