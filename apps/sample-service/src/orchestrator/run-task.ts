import type { AgentAnswer, AgentName, TokenUsage } from '../agents/agent.ts'
import { chooseAgent, type TaskType } from '../agents/choose-agent.ts'
import type { AgentAttempt, GuardedAgent, JudgedAnswer } from '../agents/guarded-agent.ts'
import type { Quality } from '../agents/quality.ts'

/** What a task came to, over all agents that were asked. */
export interface TaskOutcome {
  /** Undefined when no agent answered. */
  answered: { agent: AgentName; answer: AgentAnswer; quality: Quality } | undefined
  attempts: AgentAttempt[]
  tokens: TokenUsage
  /** Of all calls; null when one of them has an unknown cost. */
  cost_usd: number | null
}

/**
 * Asks agents one after the other until one gives a good answer, each at most once. When none does, the best of the poor
 * answers is the answer, and its quality says what it is.
 */
export async function runTask(
  task: { type: TaskType; prompt: string },
  agents: ReadonlyMap<AgentName, Pick<GuardedAgent, 'ask'>>,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  const tried = new Set<AgentName>()
  const attempts: AgentAttempt[] = []
  let best: TaskOutcome['answered']
  while (!signal.aborted) {
    const name = chooseAgent(task.type, tried)
    if (name === undefined) break
    tried.add(name)
    const attempt = await agents.get(name)?.ask(task.prompt, signal)
    if (!attempt) continue
    attempts.push(attempt)
    const last = attempt.answers.at(-1)
    if (attempt.outcome === 'answered' && last) {
      best = { agent: name, ...last }
      break
    }
    for (const judged of attempt.answers) {
      if (!best || judged.quality.score > best.quality.score) best = { agent: name, ...judged }
    }
  }
  const answers = attempts.flatMap((attempt) => attempt.answers)
  return { answered: best, attempts, tokens: tokensOf(answers), cost_usd: costOf(answers) }
}

function tokensOf(answers: readonly JudgedAnswer[]): TokenUsage {
  const total: TokenUsage = { input: 0, output: 0, estimated: false }
  for (const { tokens } of answers.map(({ answer }) => answer)) {
    total.input += tokens.input
    total.output += tokens.output
    total.estimated ||= tokens.estimated
  }
  return total
}

function costOf(answers: readonly JudgedAnswer[]): number | null {
  const costs = answers.map(({ answer }) => answer.cost_usd)
  return costs.includes(null) ? null : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0)
}
