export const agentNames = ['claude', 'gemini', 'copilot'] as const
export type AgentName = (typeof agentNames)[number]

export interface TokenUsage {
  input: number
  output: number
  /** Whether some of it was not reported, and follows from the length of the texts. */
  estimated: boolean
}

export interface AgentAnswer {
  text: string
  /** Which model answered, for people. */
  model: string
  tokens: TokenUsage
  /** In US dollars; null where neither the agent nor its price says it. */
  cost_usd: number | null
  /** Whether the local deterministic model stood in for the agent. */
  simulated: boolean
}

/** Something that answers prompts: a program, an endpoint, or the stand-in for one. */
export interface Agent {
  readonly name: AgentName
  /** What it is, for people: it stands in the log and in `/api/health`. */
  readonly description: string
  readonly simulated: boolean
  /**
   * @throws AgentFailure when the agent is ill: unreachable, overloaded, broken, or saying nothing
   * @throws AgentRefusal when it is well and does not take this prompt
   */
  answer(prompt: string, signal: AbortSignal): Promise<AgentAnswer>
}

/** An agent did not answer. Worth another try, and a reason to open its circuit when it goes on. */
export class AgentFailure extends Error {
  override readonly name = 'AgentFailure'
}

/** An agent declined a prompt. It would decline it again; another agent may take it. */
export class AgentRefusal extends Error {
  override readonly name = 'AgentRefusal'
}
