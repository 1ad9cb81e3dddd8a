import { z } from 'zod'

import { PoisonError, UnavailableError } from '../bus/errors.ts'
import { AnswerFilteredError, type LanguageModel, type ModelMessage } from './language-model.ts'
import { describeOpenCircuit, ModelCircuit } from './model-circuit.ts'
import { serverSentData } from './server-sent-events.ts'

export interface OpenAiModelOptions {
  /** Up to and including the version: `https://api.openai.com/v1`. */
  baseUrl: string
  apiKey: string | undefined
  model: string
  /** For a whole answer. Default 60,000. */
  timeoutMs?: number
  /** Counts whether answers begin. Default: one of its own. */
  circuit?: ModelCircuit
}

const chunkSchema = z.object({
  choices: z.array(
    z.object({ delta: z.object({ content: z.string().nullish() }).optional(), finish_reason: z.string().nullish() }),
  ),
})

/** A model behind an OpenAI-compatible endpoint, with streaming. */
export function openAiModel(options: OpenAiModelOptions): LanguageModel {
  const { baseUrl, apiKey, model, timeoutMs = 60_000, circuit = new ModelCircuit() } = options
  return {
    name: `${model} at ${new URL(baseUrl).host}`,
    async *answer(messages) {
      const body = await circuit
        .call(() => begin(messages))
        .catch((error: unknown) => {
          throw describeOpenCircuit(error)
        })
      try {
        for await (const data of serverSentData(body)) {
          if (data === '[DONE]') return
          const [choice] = chunkSchema.parse(JSON.parse(data)).choices
          if (choice?.finish_reason === 'content_filter') throw new AnswerFilteredError()
          if (choice?.delta?.content) yield choice.delta.content
        }
      } catch (error) {
        if (error instanceof DOMException && error.name === 'TimeoutError') {
          throw new UnavailableError('The model took too long.', { cause: error })
        }
        throw error
      }
      // A stream that breaks off is no answer: it is asked for again.
      throw new Error('The answer of the model ended before it was complete.')
    },
  }

  async function begin(messages: readonly ModelMessage[]): Promise<ReadableStream<Uint8Array>> {
    const response = await ask(messages)
    if (!response.ok) throw await refusal(response)
    if (!response.body) throw new UnavailableError('The model answered without a body.')
    return response.body
  }

  async function ask(messages: readonly ModelMessage[]): Promise<Response> {
    try {
      return await fetch(`${baseUrl}/chat/completions`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify({ model, messages, stream: true }),
        signal: AbortSignal.timeout(timeoutMs),
      })
    } catch (error) {
      throw new UnavailableError('The model cannot be reached.', { cause: error })
    }
  }
}

async function refusal(response: Response): Promise<Error> {
  const text = (await response.text()).slice(0, 300)
  const message = `The model answered ${response.status}: ${text}`
  const passing = response.status === 408 || response.status === 429 || response.status >= 500
  return passing ? new UnavailableError(message) : new PoisonError(message)
}
