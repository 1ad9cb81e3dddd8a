import { z } from 'zod'

import { PoisonError, UnavailableError } from '../bus/errors.ts'
import type { LanguageModel, ModelMessage } from './language-model.ts'
import { serverSentData } from './server-sent-events.ts'

export interface OpenAiModelOptions {
  /** Up to and including the version: `https://api.openai.com/v1`. */
  baseUrl: string
  apiKey: string | undefined
  model: string
  /** For a whole answer. Default 60,000. */
  timeoutMs?: number
}

const chunkSchema = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }).optional() })),
})

/** A model behind an OpenAI-compatible endpoint, with streaming. */
export function openAiModel(options: OpenAiModelOptions): LanguageModel {
  const { baseUrl, apiKey, model, timeoutMs = 60_000 } = options
  return {
    name: `${model} at ${new URL(baseUrl).host}`,
    async *answer(messages) {
      const response = await ask(messages)
      if (!response.ok) throw await refusal(response)
      if (!response.body) throw new Error('The model answered without a body.')
      for await (const data of serverSentData(response.body)) {
        if (data === '[DONE]') return
        const chunk = chunkSchema.parse(JSON.parse(data))
        const text = chunk.choices[0]?.delta?.content
        if (text) yield text
      }
      // A stream that breaks off is no answer: it is asked for again.
      throw new Error('The answer of the model ended before it was complete.')
    },
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
