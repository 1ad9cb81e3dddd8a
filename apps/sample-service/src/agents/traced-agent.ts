import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'

import type { Agent } from './agent.ts'

/**
 * Makes a span of each call of an agent, named and described as the conventions of OpenTelemetry for generative models
 * say. Prompts and answers stay out of it: traces go to other places than data does.
 */
export function tracedAgent(agent: Agent): Agent {
  const tracer = trace.getTracer('sample-service')
  return {
    ...agent,
    answer: (prompt, signal) =>
      tracer.startActiveSpan(`chat ${agent.name}`, { kind: SpanKind.CLIENT }, async (span) => {
        span.setAttributes({
          'gen_ai.operation.name': 'chat',
          'gen_ai.agent.name': agent.name,
        })
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
          span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown')
          span.setStatus({ code: SpanStatusCode.ERROR })
          throw error
        } finally {
          span.end()
        }
      }),
  }
}
