import { z } from 'zod'

import { postCompletion, type CompletionEndpoint } from '../model/post-completion.ts'
import { AgentFailure, AgentRefusal, type Agent, type AgentName } from './agent.ts'
import { costOf, estimateUsage, type TokenPrice } from './usage.ts'

export interface EndpointAgentOptions extends CompletionEndpoint {
  model: string
  price: TokenPrice | undefined
  maxOutputBytes: number
}

const completionSchema = z.object({
  model: z.string().optional(),
  choices: z
    .array(z.object({ message: z.object({ content: z.string().nullish() }), finish_reason: z.string().nullish() }))
    .min(1),
  usage: z
    .object({ prompt_tokens: z.number().int().nonnegative(), completion_tokens: z.number().int().nonnegative() })
    .nullish(),
})

/** An agent behind an OpenAI-compatible endpoint. */
export function endpointAgent(name: AgentName, options: EndpointAgentOptions): Agent {
  const { model, price, maxOutputBytes } = options
  const host = new URL(options.baseUrl).host
  return {
    name,
    description: `${model} at ${host}`,
    simulated: false,
    async answer(prompt, signal) {
      const { status, text: body } = await ask(prompt, signal)
      if (status < 200 || status >= 300) throw refusalOf(status, body)
      const completion = parse(body)
      const choice = completion.choices[0]!
      if (choice.finish_reason === 'content_filter') throw new AgentRefusal(`${host} filtered the answer.`)
      const text = choice.message.content ?? ''
      if (text.trim() === '') throw new AgentFailure(`${host} answered with an empty text.`)
      const tokens = completion.usage
        ? { input: completion.usage.prompt_tokens, output: completion.usage.completion_tokens, estimated: false }
        : estimateUsage(prompt, text)
      return { text, model: completion.model ?? model, tokens, cost_usd: costOf(tokens, price), simulated: false }
    },
  }

  async function ask(prompt: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
    const body = { model, messages: [{ role: 'user', content: prompt }] }
    const { status, text } = await postCompletion(options, body, { signal, maxBytes: maxOutputBytes }).catch(
      (error: unknown) => {
        throw new AgentFailure(`${host} ${signal.aborted ? 'took too long' : 'cannot be reached'}.`, { cause: error })
      },
    )
    if (text === undefined) throw new AgentFailure(`${host} answered with more than ${maxOutputBytes} bytes.`)
    return { status, text }
  }

  /** What is wrong with the key or the server is wrong with every prompt; the rest is wrong with this one. */
  function refusalOf(status: number, body: string): Error {
    const message = `${host} answered ${status}: ${body.slice(0, 300)}`
    const ill = [401, 403, 404, 408, 429].includes(status) || status >= 500
    return ill ? new AgentFailure(message) : new AgentRefusal(message)
  }

  function parse(body: string): z.output<typeof completionSchema> {
    try {
      return completionSchema.parse(JSON.parse(body))
    } catch (error) {
      throw new AgentFailure(`${host} did not answer with a chat completion.`, { cause: error })
    }
  }
}
