/** The topics of the platform. Records are keyed by session, so that those of one session keep their order. */
export const topics = {
  inbound: 'conversation.inbound',
  outbound: 'conversation.outbound',
  /** Pieces of answers that are being written. Not kept anywhere: the whole answer follows on `outbound`. */
  deltas: 'conversation.deltas',
  toolRequests: 'tool.requests',
  toolResults: 'tool.results',
  /** A chain is to ask the model. */
  chainSteps: 'chain.steps',
  /** What agents do while they work. */
  agentEvents: 'agent.events',
  /** What happens to the orchestrator's tasks, keyed by task. */
  taskEvents: 'task.events',
} as const
