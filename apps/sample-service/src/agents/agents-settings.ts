import { readFileSync } from 'node:fs'

import { readAgentsConfig, type AgentsConfig } from './agents-config.ts'

export interface AgentsSettings {
  config: AgentsConfig
  /** Where keys of endpoints and variables of programs come from. */
  env: NodeJS.ProcessEnv
}

/** Reads `AGENTS_CONFIG`, which is JSON, or the file that `AGENTS_FILE` names. Without either all agents are stood in for. */
export function readAgentsSettings(env: NodeJS.ProcessEnv): { agents: AgentsSettings } | { problems: string[] } {
  const { AGENTS_CONFIG: inline, AGENTS_FILE: file } = env
  if (inline && file) return { problems: ['AGENTS_CONFIG and AGENTS_FILE exclude each other'] }
  const name = file ? 'AGENTS_FILE' : 'AGENTS_CONFIG'
  let text: string
  try {
    text = file ? readFileSync(file, 'utf8') : inline || '{}'
  } catch (error) {
    return { problems: [`AGENTS_FILE cannot be read: ${(error as Error).message}`] }
  }
  const read = readAgentsConfig(text)
  if ('problems' in read) return { problems: read.problems.map((problem) => `${name} ${problem}`) }
  return { agents: { config: read.config, env } }
}
