import { failSpan, startModelSpan } from '../telemetry/model-span.ts'
import type { Agent } from './agent.ts'

/** Makes a span of each call of an agent, described as the conventions of OpenTelemetry for generative models say. */
export function tracedAgent(agent: Agent): Agent {
  return {
    ...agent,
    async answer(prompt, signal) {
      const span = startModelSpan(agent.name)
      span.setAttribute('gen_ai.agent.name', agent.name)
      try {
        const answer = await agent.answer(prompt, signal)
        span.setAttributes({
          'gen_ai.response.model': answer.model,
          'gen_ai.usage.input_tokens': answer.tokens.input,
          'gen_ai.usage.output_tokens': answer.tokens.output,
          'agent.simulated': answer.simulated,
          ...(answer.cost_usd !== null && { 'agent.cost_usd': answer.cost_usd }),
        })
        return answer
      } catch (error) {
        failSpan(span, error)
        throw error
      } finally {
        span.end()
      }
    },
  }
}
