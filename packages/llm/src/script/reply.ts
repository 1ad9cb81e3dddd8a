import type { LlmFault } from '../faults/faults.ts'
import type { LlmMatch } from './llm-match.ts'
import type { LlmRequest } from './llm-request.ts'

/** Token counts of a reply; what is left out is estimated from the length of the text (a token per four characters). */
export interface ReplyUsage {
  readonly prompt?: number
  readonly completion?: number
  /** Of the prompt. Default: 0. */
  readonly cached?: number
  /** Of the prompt, written to the cache. Default: 0. */
  readonly cacheWrite?: number
  /** Of the completion. Default: 0. */
  readonly reasoning?: number
}

/** A call of a tool. */
export interface ToolCallReply {
  readonly name: string
  /** A value, which is written as JSON, or the text as it stands. Default: `{}`. */
  readonly arguments?: unknown
  /** Default: `call_` and a number. */
  readonly id?: string
}

/** What the model answers, for chat completions and the Responses API alike. */
export interface LlmReply {
  /** The text. Default: none with tool calls or a refusal; else made from the schema that is asked for, or empty. */
  readonly content?: string | null
  /** A value whose JSON is the text. */
  readonly json?: unknown
  /** How a stream cuts the text. Default: a piece per word. */
  readonly chunks?: readonly string[]
  /** Milliseconds in front of each event of a stream. Default: 0. */
  readonly chunkDelayMs?: number
  readonly toolCalls?: readonly ToolCallReply[]
  /** The model declines, with this text. */
  readonly refusal?: string
  /** Default: `tool_calls` with tool calls, else `stop`. */
  readonly finishReason?: 'stop' | 'length' | 'tool_calls' | 'content_filter'
  readonly usage?: ReplyUsage
  /** The model that the answer names. Default: the one that was asked for. */
  readonly model?: string
  /** Default: `default`. */
  readonly serviceTier?: string
  /** Sends the text even if it does not satisfy the schema that was asked for. Default: false. */
  readonly skipSchema?: boolean
  /** Further headers of the answer. Default: none. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What embeddings are answered with. */
export interface EmbeddingReply {
  /** A vector for each input. Default: unit vectors that depend on nothing but the text. */
  readonly vectors?: readonly (readonly number[])[]
  /** The length of made vectors. Default: what is asked for, else 1536. */
  readonly dimensions?: number
  readonly usage?: Pick<ReplyUsage, 'prompt'>
  readonly model?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A reply with conditions; a fault happens to the reply. */
export interface ScriptedReply<Reply> {
  /** Default: every request to the endpoint. */
  readonly match?: LlmMatch
  /** A text is short for `{ content: text }`; a function gets the request. */
  readonly reply?: Reply | string | ((request: LlmRequest) => Reply | string | Promise<Reply | string>)
  readonly fault?: LlmFault
}

/** What a script's step can be: a reply with conditions, a text, or a fault. */
export type ScriptStep<Reply> = ScriptedReply<Reply> | LlmFault | string

/** A step of `chat` and `responses`. */
export type LlmStep = ScriptStep<LlmReply>

/** A step of `embeddings`. */
export type EmbeddingStep = ScriptStep<EmbeddingReply>

/** Any step in its long form. */
export function longForm<Reply>(step: ScriptStep<Reply>): ScriptedReply<Reply> {
  if (typeof step === 'string') return { reply: step }
  return isFault(step) ? { fault: step } : step
}

function isFault<Reply>(step: ScriptedReply<Reply> | LlmFault): step is LlmFault {
  return 'fault' in step && typeof step.fault === 'string'
}
