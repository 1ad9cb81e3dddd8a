import { agentNames, type AgentName } from './agent.ts'

export const taskTypes = ['security', 'simple', 'general', 'code'] as const
export type TaskType = (typeof taskTypes)[number]

const FIRST: Record<TaskType, AgentName> = {
  security: 'claude',
  simple: 'gemini',
  general: 'claude',
  code: 'copilot',
}

/**
 * The agent to ask next: the one for this type of task, then the others in the order claude, gemini, copilot. Undefined
 * when all were tried.
 *
 * @example
 * chooseAgent('simple', new Set()) // 'gemini'
 * chooseAgent('simple', new Set(['gemini'])) // 'claude'
 */
export function chooseAgent(type: TaskType, tried: ReadonlySet<AgentName>): AgentName | undefined {
  return [FIRST[type], ...agentNames].find((name) => !tried.has(name))
}
