import { AgentRequests } from '../agent-requests/agent-requests.ts'
import type { Settings } from '../config/settings.ts'
import type { Factories } from '../container/container.ts'
import type { HttpModule } from '../http/http-module.ts'
import { ApiKeyStore } from '../keys/api-key-store.ts'
import { newKeyRing } from '../keys/key-ring.ts'
import type { ChatModel } from '../model/chat-model.ts'
import { localChatModel } from '../model/local-chat-model.ts'
import { openAiChatModel } from '../model/openai-chat-model.ts'
import { tracedChatModel } from '../model/traced-model.ts'
import type { Parts } from '../platform-parts.ts'
import { ThreadStore } from '../threads/thread-store.ts'
import { Threads } from '../threads/threads.ts'
import { UserStore } from '../users/user-store.ts'
import { ViolationStore } from '../violations/violation-store.ts'
import { ViolationWorker } from '../violations/violation-worker.ts'
import { openDomains } from './open-domains.ts'

/** The parts behind the routes of `openDomains`. */
export interface DomainParts {
  users: UserStore
  threads: Threads
  agentRequests: AgentRequests
  violations: ViolationStore
  /** Undefined where nothing could decrypt them after this process. */
  apiKeys: ApiKeyStore | undefined
  domains: HttpModule
  /** What judges messages by the policy. */
  safetyModel: ChatModel
  /** Belongs to the role `worker`. */
  violationWorker: ViolationWorker
}

export function domainParts(
  settings: Settings,
  onProblem: (problem: string, error: unknown) => void,
): Pick<Factories<Parts>, keyof DomainParts> {
  return {
    users: async (parts) => new UserStore(await parts.get('database')),
    threads: async (parts) => {
      const store = new ThreadStore(await parts.get('database'), await parts.get('owners'))
      return new Threads({ store, cache: await parts.get('cache'), onProblem })
    },
    agentRequests: async (parts) => new AgentRequests(await parts.pick('database', 'conversations')),
    violations: async (parts) => new ViolationStore(await parts.get('database')),
    apiKeys: async (parts) => {
      // Keys in a Postgres outlive this process, and so must what encrypts them.
      if (!settings.keyRing && settings.postgres !== undefined) return undefined
      return new ApiKeyStore(await parts.get('database'), settings.keyRing ?? newKeyRing())
    },
    domains: async (parts) => {
      const { verifier } = await parts.get('auth')
      const shared = await parts.pick('policy', 'limiter', 'database')
      const stores = await parts.pick('users', 'threads', 'agentRequests', 'violations', 'budgets', 'apiKeys')
      return openDomains({ verifier, ...shared, ...stores })
    },
    // Every message would cost a second question, so a real model judges them only where one is named for it.
    safetyModel: () => {
      const { openai, safetyModel } = settings
      if (!openai || safetyModel === undefined) return localChatModel
      return tracedChatModel(openAiChatModel({ ...openai, model: safetyModel }))
    },
    violationWorker: async (parts) => {
      const shared = await parts.pick('database', 'bus', 'owners', 'violations')
      return new ViolationWorker({ ...shared, model: await parts.get('safetyModel') }).start()
    },
  }
}
