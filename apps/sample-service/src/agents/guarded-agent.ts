import {
  bulkhead,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  handleWhen,
  isBrokenCircuitError,
  isBulkheadRejectedError,
  isTaskCancelledError,
  retry,
  timeout,
  TimeoutStrategy,
  wrap,
} from 'cockatiel'

import { AgentFailure, AgentRefusal, type Agent, type AgentAnswer, type AgentName } from './agent.ts'
import type { GuardConfig } from './agents-config.ts'
import { qualityOf, type Quality } from './quality.ts'

export interface GuardOptions extends GuardConfig {
  /** For one call. */
  timeout_ms: number
}

export interface JudgedAnswer {
  answer: AgentAnswer
  quality: Quality
}

/** What came of asking an agent, with all its retries. */
export interface AgentAttempt {
  agent: AgentName
  outcome: 'answered' | 'poor' | 'failed' | 'refused' | 'circuit_open' | 'overloaded'
  /** Each answer that came, the poor ones too: all of them cost. */
  answers: JudgedAnswer[]
  /** How many calls were made. */
  calls: number
  error: string | undefined
}

export type Circuit = 'closed' | 'open' | 'half_open'

const isIll = (error: unknown): boolean => error instanceof AgentFailure || isTaskCancelledError(error)

/**
 * One agent behind its own bulkhead, retries, circuit and timeout, from the outside to the inside: every call counts
 * for the circuit, and no call is made while it is open. After `breaker.reset_ms` one call may try; the others wait
 * for what comes of it. Poor answers are retried and do not count for the circuit.
 */
export class GuardedAgent {
  readonly agent: Agent
  readonly #threshold: number
  readonly #resetMs: number
  readonly #breaker: ReturnType<typeof circuitBreaker>
  readonly #bulkhead: ReturnType<typeof bulkhead>
  readonly #retry: ReturnType<typeof retry>
  readonly #timeout: ReturnType<typeof timeout>
  #openedAt = 0

  constructor(agent: Agent, options: GuardOptions) {
    const { breaker, quality, backoff_ms, timeout_ms } = options
    this.agent = agent
    this.#threshold = quality.threshold
    this.#resetMs = breaker.reset_ms
    this.#bulkhead = bulkhead(options.bulkhead.concurrency, options.bulkhead.queue)
    const poor = (result: unknown): boolean => (result as JudgedAnswer).quality.score < quality.threshold
    this.#retry = retry(handleWhen(isIll).orWhenResult(poor), {
      maxAttempts: quality.retries,
      backoff: new ExponentialBackoff({ initialDelay: backoff_ms, maxDelay: backoff_ms * 8 }),
    })
    this.#breaker = circuitBreaker(handleWhen(isIll), {
      halfOpenAfter: breaker.reset_ms,
      breaker: new ConsecutiveBreaker(breaker.threshold),
    })
    this.#breaker.onBreak(() => (this.#openedAt = Date.now()))
    this.#timeout = timeout(timeout_ms, TimeoutStrategy.Aggressive)
  }

  /** An open circuit whose time is over is half open, whether or not somebody has asked since. */
  get circuit(): Circuit {
    if (this.#breaker.state === CircuitState.Closed) return 'closed'
    const waiting = this.#breaker.state === CircuitState.Open && Date.now() - this.#openedAt < this.#resetMs
    return waiting ? 'open' : 'half_open'
  }

  /** Never rejects: what goes wrong is an outcome. */
  async ask(prompt: string, signal: AbortSignal): Promise<AgentAttempt> {
    const attempt: AgentAttempt = {
      agent: this.agent.name,
      outcome: 'answered',
      answers: [],
      calls: 0,
      error: undefined,
    }
    try {
      const policy = wrap(this.#bulkhead, this.#retry, this.#breaker, this.#timeout)
      const { quality } = await policy.execute(async (context) => {
        attempt.calls += 1
        const answer = await this.agent.answer(prompt, context.signal)
        const judged = { answer, quality: qualityOf(answer.text, prompt) }
        attempt.answers.push(judged)
        return judged
      }, signal)
      if (quality.score >= this.#threshold) return attempt
      return { ...attempt, outcome: 'poor', error: `The answer is poor; it breaks: ${quality.broken.join(', ')}` }
    } catch (error) {
      return { ...attempt, ...describe(error) }
    }
  }
}

function describe(error: unknown): Pick<AgentAttempt, 'outcome' | 'error'> {
  if (isBrokenCircuitError(error)) return { outcome: 'circuit_open', error: 'The circuit is open.' }
  if (isBulkheadRejectedError(error)) return { outcome: 'overloaded', error: 'Too many tasks wait for this agent.' }
  if (isTaskCancelledError(error)) return { outcome: 'failed', error: 'The agent took too long.' }
  const message = error instanceof Error ? error.message : String(error)
  return { outcome: error instanceof AgentRefusal ? 'refused' : 'failed', error: message }
}
