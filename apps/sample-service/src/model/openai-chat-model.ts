import { ExponentialBackoff, handleWhen, retry } from 'cockatiel'
import { z } from 'zod'

import { PoisonError, UnavailableError } from '../bus/errors.ts'
import { responseFormat } from './answer-format.ts'
import type { ChatAnswer, ChatMessage, ChatModel, ChatRequest, ChatTool } from './chat-model.ts'
import { describeOpenCircuit, ModelCircuit } from './model-circuit.ts'
import { postCompletion, type CompletionEndpoint } from './post-completion.ts'

export interface OpenAiChatModelOptions extends CompletionEndpoint {
  model: string
  /** For one attempt. Default 60,000. */
  timeoutMs?: number
  /** How often a question that failed is repeated. Default 2. */
  retries?: number
  /** Before the first repetition, in milliseconds; grows from then on. Default 500. */
  backoffMs?: number
  /** Each attempt counts for it. Default: one of its own. */
  circuit?: ModelCircuit
}

const MAX_BYTES = 8 * 1024 * 1024

const completionSchema = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({
          content: z.string().nullish(),
          tool_calls: z
            .array(z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) }))
            .nullish(),
        }),
      }),
    )
    .min(1),
})

/** A model behind an OpenAI-compatible endpoint. */
export function openAiChatModel(options: OpenAiChatModelOptions): ChatModel {
  const { baseUrl, model, timeoutMs = 60_000, retries = 2, backoffMs = 500, circuit = new ModelCircuit() } = options
  const again = retry(
    handleWhen((error) => error instanceof UnavailableError),
    { maxAttempts: retries, backoff: new ExponentialBackoff({ initialDelay: backoffMs, maxDelay: backoffMs * 8 }) },
  )
  return {
    name: `${model} at ${new URL(baseUrl).host}`,
    async complete(request) {
      try {
        return await again.execute(() => circuit.call(() => ask(request)))
      } catch (error) {
        throw describeOpenCircuit(error)
      }
    },
  }

  async function ask({
    messages,
    temperature,
    tools = [],
    format,
    model: named = model,
  }: ChatRequest): Promise<ChatAnswer> {
    const body = {
      model: named,
      temperature,
      messages: messages.map(wireMessage),
      ...(tools.length > 0 && { tools: tools.map(wireTool) }),
      ...(format && { response_format: responseFormat(format) }),
    }
    const { status, text } = await post(body)
    if (status < 200 || status >= 300) throw refusal(status, text)
    return answerOf(text)
  }

  async function post(body: object): Promise<{ status: number; text: string }> {
    try {
      const limits = { signal: AbortSignal.timeout(timeoutMs), maxBytes: MAX_BYTES }
      const { status, text = '' } = await postCompletion(options, body, limits)
      return { status, text }
    } catch (error) {
      throw new UnavailableError('The model cannot be reached, or took too long.', { cause: error })
    }
  }
}

/** An answer that is broken is asked for again: the next one may be whole. */
function answerOf(text: string): ChatAnswer {
  let completion
  try {
    completion = completionSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new UnavailableError('The model did not answer with a chat completion.', { cause: error })
  }
  const { message, finish_reason } = completion.choices[0]!
  return {
    content: message.content ?? '',
    tool_calls: (message.tool_calls ?? []).map(({ id, function: called }) => ({ id, ...called })),
    filtered: finish_reason === 'content_filter',
  }
}

function refusal(status: number, text: string): Error {
  const message = `The model answered ${status}: ${text.slice(0, 300)}`
  const passing = status === 408 || status === 409 || status === 429 || status >= 500
  return passing ? new UnavailableError(message) : new PoisonError(message)
}

function wireMessage(message: ChatMessage): object {
  if (message.role !== 'assistant' || !message.tool_calls) return message
  const tool_calls = message.tool_calls.map(({ id, name, arguments: args }) => ({
    id,
    type: 'function',
    function: { name, arguments: args },
  }))
  return { ...message, content: message.content === '' ? null : message.content, tool_calls }
}

const wireTool = (tool: ChatTool): object => ({ type: 'function', function: tool })
