import { LlmError } from './llm-error.ts'
import type { LlmRequest } from './script/llm-request.ts'
import type { EmbeddingStep, LlmStep } from './script/reply.ts'
import { createPad, type ScriptPad } from './script/script-pad.ts'
import { ScopeState } from './server/llm-scope.ts'
import { type LlmServer, type LlmServerOptions, startLlmServer } from './server/llm-server.ts'

/**
 * Describes an OpenAI-compatible server for a test, and starts it on 127.0.0.1. The official client works with it
 * unchanged. More scripts can be added while it runs. A builder makes one server.
 *
 * @example
 * await using llm = await new MockOpenAIBuilder()
 *   .chat.once({ match: { contains: 'invoice' }, reply: { content: 'paid' } })
 *   .chat.once(faults.rateLimit({ retryAfterMs: 50 }))
 *   .start()
 * const client = new OpenAI({ baseURL: llm.baseUrl, apiKey: 'test' })
 */
export class MockOpenAIBuilder {
  readonly #own = new ScopeState('')
  #options: LlmServerOptions
  #started = false

  constructor(options: LlmServerOptions = {}) {
    this.#options = options
  }

  /** Scripts of chat completions. */
  get chat(): ScriptPad<this, LlmStep> {
    return createPad<this, LlmRequest, LlmStep>(this, this.#own.chat)
  }

  /** Scripts of the Responses API. */
  get responses(): ScriptPad<this, LlmStep> {
    return createPad<this, LlmRequest, LlmStep>(this, this.#own.responses)
  }

  /** Scripts of embeddings. */
  get embeddings(): ScriptPad<this, EmbeddingStep> {
    return createPad<this, LlmRequest, EmbeddingStep>(this, this.#own.embeddings)
  }

  /** The names that `GET /v1/models` lists. */
  models(...names: readonly string[]): this {
    return this.with({ models: names })
  }

  /** Sets options of the server; later ones go before earlier ones. */
  with(options: LlmServerOptions): this {
    this.#options = { ...this.#options, ...options }
    return this
  }

  /**
   * Starts the server.
   *
   * @throws {LlmError} `KEPLOY_LLM_LISTEN` when no port can be had; `KEPLOY_LLM_OPTION` when it was started before
   */
  async start(): Promise<LlmServer> {
    if (this.#started) {
      throw new LlmError('KEPLOY_LLM_OPTION', 'A builder makes one server; make another builder for another server.')
    }
    this.#started = true
    return startLlmServer(this.#options, { own: this.#own })
  }
}
