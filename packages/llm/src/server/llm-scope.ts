import type { ServerResponse } from 'node:http'

import { CostLedger, type LlmCost } from '../cost/ledger.ts'
import type { LlmEndpoint, LlmRequest, OpenRequest } from '../script/llm-request.ts'
import {
  type EmbeddingReply,
  type EmbeddingStep,
  type LlmReply,
  longForm,
  type LlmStep,
  type ScriptedReply,
} from '../script/reply.ts'
import { type NearMiss, ScriptBook } from '../script/script-book.ts'
import { createPad, type ScriptPad } from '../script/script-pad.ts'
import { stepRules } from '../script/step-rules.ts'
import { type LlmProblem, ProblemLog } from './problem-log.ts'

/** Scripts, requests and cost of one test, under a base URL of its own. */
export interface LlmScope extends AsyncDisposable {
  /** What the scope was asked for with; '' for the server's own. */
  readonly id: string
  /** For the client's `baseURL`, for example `http://127.0.0.1:41873/t/my-test/v1`. */
  readonly baseUrl: string
  /** `OPENAI_BASE_URL` and a key, for the environment of a process under test. */
  readonly env: Readonly<Record<string, string>>
  /** Scripts of chat completions. */
  readonly chat: ScriptPad<LlmScope, LlmStep>
  /** Scripts of the Responses API. */
  readonly responses: ScriptPad<LlmScope, LlmStep>
  /** Scripts of embeddings. */
  readonly embeddings: ScriptPad<LlmScope, EmbeddingStep>
  /** What was asked, in order. */
  readonly requests: readonly LlmRequest[]
  readonly cost: LlmCost
  /** What the test should fail for, reported or not. */
  readonly problems: readonly LlmProblem[]
  /**
   * Throws when a request found no script, when a reply did not satisfy the schema that was asked for, or when scripts
   * were left over. Each is thrown once.
   *
   * @throws {LlmError} with the code of the first problem, or `KEPLOY_LLM_UNUSED`
   */
  assertComplete(): void
  /** Ends open requests, then does what `assertComplete` does, unless `strict` is false. */
  close(): Promise<void>
}

/** Any step in its long form. */
export type TakenStep = ScriptedReply<LlmReply> | ScriptedReply<EmbeddingReply>

/** What the server keeps of a scope. */
export class ScopeState {
  readonly id: string
  readonly chat = new ScriptBook<LlmRequest, LlmStep>(stepRules())
  readonly responses = new ScriptBook<LlmRequest, LlmStep>(stepRules())
  readonly embeddings = new ScriptBook<LlmRequest, EmbeddingStep>(stepRules())
  readonly requests: OpenRequest[] = []
  readonly ledger = new CostLedger()
  readonly log = new ProblemLog()
  /** Answers under way. */
  readonly open = new Set<ServerResponse>()
  /** How often each recorded request was replayed. */
  readonly replayed = new Map<string, number>()
  readonly #counts = new Map<LlmEndpoint, number>()

  constructor(id: string) {
    this.id = id
  }

  /** The number of the next request, in the scope and of its endpoint. */
  number(endpoint: LlmEndpoint): { number: number; nth: number } {
    const nth = (this.#counts.get(endpoint) ?? 0) + 1
    this.#counts.set(endpoint, nth)
    return { number: this.requests.length + 1, nth }
  }

  take(request: LlmRequest): TakenStep | undefined {
    if (request.endpoint === 'embeddings') {
      const step = this.embeddings.take(request)
      return step === undefined ? undefined : longForm(step)
    }
    const step = this.#book(request.endpoint)?.take(request)
    return step === undefined ? undefined : longForm(step)
  }

  nearest(request: LlmRequest): NearMiss | undefined {
    return request.endpoint === 'embeddings'
      ? this.embeddings.nearest(request)
      : this.#book(request.endpoint)?.nearest(request)
  }

  unused(): string[] {
    return (['chat', 'responses', 'embeddings'] as const).flatMap((name) =>
      this[name].unused().map((line) => `${name}: ${line}`),
    )
  }

  assertComplete(): void {
    this.log.assert(this.id === '' ? 'The LLM server' : `The LLM server, test "${this.id}"`, this.unused())
  }

  /** Ends what is open. */
  abort(): void {
    for (const response of this.open) response.destroy()
  }

  #book(endpoint: LlmEndpoint): ScriptBook<LlmRequest, LlmStep> | undefined {
    return endpoint === 'chat' || endpoint === 'responses' ? this[endpoint] : undefined
  }
}

/** What a scope's handle needs beside its state. */
export interface ScopeWiring {
  readonly baseUrl: string
  readonly cost: () => LlmCost
  readonly close: () => Promise<void>
}

/** The handle of a scope. */
export function scopeHandle(state: ScopeState, wiring: ScopeWiring): LlmScope {
  const handle: LlmScope = {
    id: state.id,
    baseUrl: wiring.baseUrl,
    env: { OPENAI_BASE_URL: wiring.baseUrl, OPENAI_API_KEY: 'sk-test' },
    get chat() {
      return createPad<LlmScope, LlmRequest, LlmStep>(this, state.chat)
    },
    get responses() {
      return createPad<LlmScope, LlmRequest, LlmStep>(this, state.responses)
    },
    get embeddings() {
      return createPad<LlmScope, LlmRequest, EmbeddingStep>(this, state.embeddings)
    },
    requests: state.requests,
    get cost() {
      return wiring.cost()
    },
    problems: state.log.problems,
    assertComplete: () => state.assertComplete(),
    close: () => wiring.close(),
    [Symbol.asyncDispose]: () => wiring.close(),
  }
  return handle
}
