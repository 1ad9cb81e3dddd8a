import { randomUUID } from 'node:crypto'

import type { AgentName } from '../agents/agent.ts'
import type { AgentsConfig } from '../agents/agents-config.ts'
import type { GuardedAgent } from '../agents/guarded-agent.ts'
import type { TokenVerifier } from '../auth/token-verifier.ts'
import type { EventBus } from '../bus/event-bus.ts'
import type { SessionCache } from '../cache/session-cache.ts'
import type { Database } from '../database/database.ts'
import type { HttpModule } from '../http/http-module.ts'
import type { InFlightLimiter } from '../rate-limit/in-flight-limiter.ts'
import type { ConnectionLimits } from '../sockets/connection-limits.ts'
import { apiHealthRoute } from './health-route.ts'
import { Orchestrator } from './orchestrator.ts'
import { projectRoutes } from './project-routes.ts'
import { ProjectStore } from './project-store.ts'
import { taskRoutes } from './task-routes.ts'
import { TaskSockets } from './task-sockets.ts'
import { TaskStore } from './task-store.ts'

export interface OrchestrationOptions {
  agents: ReadonlyMap<AgentName, GuardedAgent>
  config: Pick<AgentsConfig, 'quality' | 'task_timeout_ms'>
  database: Database
  bus: EventBus
  cache: SessionCache
  verifier: TokenVerifier
  /** How many WebSockets there may be. */
  limits?: ConnectionLimits
  /** How many requests of a user are worked on at once. */
  limiter: InFlightLimiter
  /** Called when task events are committed, so that they are published at once. */
  onCommitted: () => void
  onProblem: (problem: string, error: unknown) => void
}

/** The role `orchestrator`: its routes below `/api`, and `WS /ws`. */
export async function openOrchestration(options: OrchestrationOptions): Promise<HttpModule> {
  const { agents, config, database, bus, cache, verifier, limits, limiter, onCommitted, onProblem } = options
  const tasks = new TaskStore(database, onCommitted)
  const projects = new ProjectStore(database, onCommitted)
  const orchestrator = new Orchestrator({
    tasks,
    agents,
    qualityThreshold: config.quality.threshold,
    taskTimeoutMs: config.task_timeout_ms,
    onProblem,
  })
  const sockets = await new TaskSockets({ verifier, ...(limits && { limits }) }).follow(bus)
  let closed: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await orchestrator[Symbol.asyncDispose]()
    await sockets[Symbol.asyncDispose]()
  }
  return {
    async register(app) {
      await app.register(apiHealthRoute, { prefix: '/api', database, cache })
      await app.register(projectRoutes, { prefix: '/api/projects', projects, tasks, verifier, newId: randomUUID })
      await app.register(taskRoutes, { prefix: '/api', orchestrator, tasks, database, verifier, limiter })
    },
    sockets: [sockets],
    [Symbol.asyncDispose]: () => (closed ??= close()),
  }
}
