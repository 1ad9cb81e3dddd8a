import type { Settings } from '../config/settings.ts'
import { agentNames, type Agent, type AgentName } from './agent.ts'
import type { AgentConfig, AgentsConfig } from './agents-config.ts'
import { commandAgent } from './command-agent.ts'
import { endpointAgent } from './endpoint-agent.ts'
import { GuardedAgent } from './guarded-agent.ts'
import { localAgent } from './local-agent.ts'
import { tracedAgent } from './traced-agent.ts'

export interface MakeAgentsOptions {
  config: AgentsConfig
  /** The platform's own model: it serves the agents that are not set up. */
  openai: Settings['openai']
  /** Where keys and the environment of programs come from. */
  env: NodeJS.ProcessEnv
}

const MAX_OUTPUT_BYTES = 1024 * 1024
const TIMEOUT_MS = 60_000

/** All agents, each behind a circuit of its own. */
export function makeAgents(options: MakeAgentsOptions): ReadonlyMap<AgentName, GuardedAgent> {
  const { config } = options
  return new Map(
    agentNames.map((name) => {
      const wanted = config.agents[name]
      const agent = tracedAgent(makeAgent(name, wanted, options))
      return [name, new GuardedAgent(agent, { ...config, timeout_ms: wanted?.timeout_ms ?? TIMEOUT_MS })]
    }),
  )
}

function makeAgent(name: AgentName, wanted: AgentConfig | undefined, { openai, env }: MakeAgentsOptions): Agent {
  if (wanted?.kind === 'command') return commandAgent(name, wanted, env)
  if (wanted?.kind === 'endpoint') {
    const apiKey = wanted.api_key_env === undefined ? undefined : env[wanted.api_key_env]
    // An endpoint that wants a key is of no use without it.
    if (wanted.api_key_env !== undefined && !apiKey) return localAgent(name)
    const { base_url: baseUrl, model, price, max_output_bytes: maxOutputBytes } = wanted
    return endpointAgent(name, { baseUrl, apiKey, model, price, maxOutputBytes })
  }
  if (wanted?.kind === 'local' || !openai) return localAgent(name)
  return endpointAgent(name, { ...openai, price: undefined, maxOutputBytes: MAX_OUTPUT_BYTES })
}
