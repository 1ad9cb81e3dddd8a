import { agentRequestRoutes } from '../agent-requests/agent-request-routes.ts'
import type { AgentRequests } from '../agent-requests/agent-requests.ts'
import { auditRoutes } from '../audit/audit-routes.ts'
import type { BudgetManager, TenantConfig } from '../budget/budget-manager.ts'
import { budgetRoutes } from '../budget/budget-routes.ts'
import type { Database } from '../database/database.ts'
import type { HttpModule } from '../http/http-module.ts'
import { apiKeyRoutes } from '../keys/api-key-routes.ts'
import type { ApiKeyStore } from '../keys/api-key-store.ts'
import { personas } from '../personas/personas.ts'
import { threadRoutes } from '../threads/thread-routes.ts'
import type { Threads } from '../threads/threads.ts'
import { userRoutes } from '../users/user-routes.ts'
import type { UserStore } from '../users/user-store.ts'
import { violationRoutes } from '../violations/violation-routes.ts'
import type { ViolationStore } from '../violations/violation-store.ts'
import type { SharedOptions } from './route-options.ts'

export interface DomainsOptions extends SharedOptions {
  database: Database
  users: UserStore
  threads: Threads
  agentRequests: AgentRequests
  violations: ViolationStore
  budgets: BudgetManager & TenantConfig
  apiKeys: ApiKeyStore | undefined
}

/** What users and admins do beside talking: accounts, threads, requests to agents, API keys, budgets, violations. */
export function openDomains(options: DomainsOptions): HttpModule {
  const { verifier, policy, limiter, database } = options
  const shared = { verifier, policy, limiter }
  return {
    async register(app) {
      const { users, threads, agentRequests, violations, budgets, apiKeys } = options
      await app.register(userRoutes, { prefix: '/v1/users', ...shared, users })
      await app.register(threadRoutes, { prefix: '/v1/threads', ...shared, threads })
      await app.register(agentRequestRoutes, { prefix: '/v1/agents/requests', ...shared, agentRequests })
      await app.register(apiKeyRoutes, { prefix: '/v1/api-keys', ...shared, database, apiKeys })
      await app.register(budgetRoutes, { prefix: '/v1/budget', ...shared, database, budgets, personas })
      await app.register(violationRoutes, { prefix: '/v1/violations', ...shared, violations })
      await app.register(auditRoutes, { prefix: '/v1/audit', ...shared, database })
    },
    sockets: [],
    [Symbol.asyncDispose]: async () => {},
  }
}
