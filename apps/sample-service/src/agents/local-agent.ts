import { localModel } from '../model/local-model.ts'
import type { Agent, AgentName } from './agent.ts'
import { estimateUsage } from './usage.ts'

/** Stands in for an agent that is not set up: deterministic, free, and its answers say what they are. */
export function localAgent(name: AgentName): Agent {
  return {
    name,
    description: localModel.name,
    simulated: true,
    async answer(prompt) {
      let text = ''
      for await (const piece of localModel.answer([{ role: 'user', content: prompt }])) text += piece
      return { text, model: localModel.name, tokens: estimateUsage(prompt, text), cost_usd: 0, simulated: true }
    },
  }
}
