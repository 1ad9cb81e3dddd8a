import type { PolicyDecision, PolicyEngine, PolicyRequest } from './policy.ts'
import { policyDecisionSchema } from './policy.ts'

export interface PolicyClientOptions {
  engine: PolicyEngine
  /** How long a decision is used again. Default 5,000. */
  ttlMs?: number
  /** How long the engine may take. Default 1,000. */
  timeoutMs?: number
  /** How many decisions are remembered; the oldest are forgotten first. Default 10,000. */
  capacity?: number
  onProblem?: (problem: string, error: unknown) => void
  /** In milliseconds. Default: the system's clock. */
  now?: () => number
}

interface Remembered {
  decision: Promise<PolicyDecision>
  until: number
}

/**
 * Asks whether somebody may do something. It fails closed: whatever goes wrong is a denial, which is not remembered. A
 * decision is used again for a few seconds, and the same question is not asked twice at once.
 */
export class PolicyClient implements AsyncDisposable {
  readonly #options: Required<PolicyClientOptions>
  readonly #remembered = new Map<string, Remembered>()

  constructor(options: PolicyClientOptions) {
    this.#options = {
      ttlMs: 5_000,
      timeoutMs: 1_000,
      capacity: 10_000,
      onProblem: () => {},
      now: Date.now,
      ...options,
    }
  }

  get kind(): string {
    return this.#options.engine.kind
  }

  /**
   * Never rejects.
   *
   * @example
   * const context = { role: 'client' }
   * await policy.evaluate({ tenant: 'clinic', persona: 'web_assistant', action: 'tool.run', resource: 'delete_document', context })
   * // { allow: false, reason: 'no rule allows this' }
   */
  evaluate(request: PolicyRequest): Promise<PolicyDecision> {
    const { now, ttlMs, capacity } = this.#options
    const question = JSON.stringify(request)
    const known = this.#remembered.get(question)
    if (known && known.until > now()) return known.decision
    const decision = this.#decide(request)
    const remembered = { decision, until: now() + ttlMs }
    this.#remembered.delete(question)
    this.#remembered.set(question, remembered)
    if (this.#remembered.size > capacity) this.#forgetOldest()
    void this.#forgetFailure(question, remembered)
    return decision
  }

  /** Forgets all decisions, those that are being made included: what is asked from now on is decided anew. */
  invalidate(): void {
    this.#remembered.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.invalidate()
    await this.#options.engine[Symbol.asyncDispose]()
  }

  async #decide(request: PolicyRequest): Promise<PolicyDecision> {
    const { engine, timeoutMs, onProblem } = this.#options
    const expired = AbortSignal.timeout(timeoutMs)
    try {
      return policyDecisionSchema.parse(await beforeAbort(engine.decide(request, expired), expired))
    } catch (error) {
      onProblem('the policy could not be decided', error)
      return { allow: false, reason: 'the policy could not be decided', unavailable: true }
    }
  }

  async #forgetFailure(question: string, remembered: Remembered): Promise<void> {
    const { unavailable } = await remembered.decision
    if (unavailable && this.#remembered.get(question) === remembered) this.#remembered.delete(question)
  }

  #forgetOldest(): void {
    for (const oldest of this.#remembered.keys()) {
      this.#remembered.delete(oldest)
      break
    }
  }
}

/** An engine that does not look at its signal is not waited for. */
function beforeAbort<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
