import { randomUUID } from 'node:crypto'

import type { FastifyBaseLogger } from 'fastify'

import type { AgentName } from './agents/agent.ts'
import type { GuardedAgent } from './agents/guarded-agent.ts'
import { makeAgents } from './agents/make-agents.ts'
import { createAuth, type Auth } from './auth/auth.ts'
import { SessionOwners } from './auth/session-owners.ts'
import type { BudgetManager, TenantConfig } from './budget/budget-manager.ts'
import { MemoryBudgets } from './budget/memory-budgets.ts'
import type { EventBus } from './bus/event-bus.ts'
import { MemoryEventBus } from './bus/memory-event-bus.ts'
import { MemorySessionCache } from './cache/memory-session-cache.ts'
import type { SessionCache } from './cache/session-cache.ts'
import { ChainWorker } from './chains/chain-worker.ts'
import type { Settings } from './config/settings.ts'
import type { Factories } from './container/container.ts'
import { ConversationWorker } from './conversation/conversation-worker.ts'
import type { Database } from './database/database.ts'
import { openDatabase } from './database/open-database.ts'
import { DocumentGenerator } from './documents/document-generator.ts'
import { domainParts, type DomainParts } from './domains/domain-parts.ts'
import { Conversations } from './gateway/conversations.ts'
import { Gateway } from './gateway/gateway.ts'
import type { HttpModule } from './http/http-module.ts'
import type { ChatModel } from './model/chat-model.ts'
import type { LanguageModel } from './model/language-model.ts'
import { localChatModel } from './model/local-chat-model.ts'
import { localModel } from './model/local-model.ts'
import { ModelCircuit } from './model/model-circuit.ts'
import { openAiChatModel } from './model/openai-chat-model.ts'
import { openAiModel } from './model/openai-model.ts'
import { tracedChatModel, tracedModel } from './model/traced-model.ts'
import { openOrchestration } from './orchestrator/open-orchestration.ts'
import { OrchestratorServer } from './orchestrator/orchestrator-server.ts'
import { EventWriter } from './outbox/event-writer.ts'
import { OutboxDispatcher } from './outbox/outbox-dispatcher.ts'
import { personas } from './personas/personas.ts'
import { openEmbeddedEngine } from './policy/embedded-engine.ts'
import { opaServerEngine } from './policy/opa-server-engine.ts'
import { PolicyClient } from './policy/policy-client.ts'
import { InFlightLimiter } from './rate-limit/in-flight-limiter.ts'
import { PostgresSessionStore } from './sessions/postgres-session-store.ts'
import { ConnectionLimits } from './sockets/connection-limits.ts'
import { startTelemetry } from './telemetry/start-telemetry.ts'
import { ToolExecutor } from './tools/tool-executor.ts'
import type { Tool } from './tools/tool.ts'
import { createTools } from './tools/tools.ts'
import { UiStates } from './ui-state/ui-states.ts'
import { EmbeddedUpstream } from './upstream/embedded-upstream.ts'
import { HttpUpstream } from './upstream/http-upstream.ts'
import { TokenSeal } from './upstream/token-seal.ts'
import type { Upstream } from './upstream/upstream.ts'

export const roles = ['gateway', 'worker', 'tools', 'orchestrator'] as const
export type Role = (typeof roles)[number]

/** Everything that the platform is made of. The last ones are the roles. */
export interface Parts extends DomainParts {
  log: FastifyBaseLogger
  database: Database
  bus: EventBus
  cache: SessionCache
  budgets: BudgetManager & TenantConfig
  model: LanguageModel
  chatModel: ChatModel
  seal: TokenSeal
  upstream: Upstream
  tools: ReadonlyMap<string, Tool>
  store: PostgresSessionStore
  auth: Auth
  owners: SessionOwners
  policy: PolicyClient
  limiter: InFlightLimiter
  connectionLimits: ConnectionLimits
  uiStates: UiStates
  dispatcher: OutboxDispatcher
  writer: EventWriter
  conversations: Conversations
  telemetry: AsyncDisposable
  agents: ReadonlyMap<AgentName, GuardedAgent>
  gateway: Gateway
  chains: ChainWorker
  worker: ConversationWorker
  toolExecutor: ToolExecutor
  orchestration: HttpModule
  /** What serves `orchestration` where there is no gateway. */
  orchestratorServer: OrchestratorServer
}

/** How each part is made by default: the real one where the settings name it, otherwise the embedded one. */
export function defaultParts(settings: Settings, log: FastifyBaseLogger, running: readonly Role[]): Factories<Parts> {
  const onProblem = (problem: string, error: unknown): void => log.warn({ err: error }, problem)
  const { openai } = settings
  const { threshold, reset_ms: resetMs } = settings.agents.config.breaker
  // Both kinds of questions go to the same model.
  const circuit = new ModelCircuit({ threshold, resetMs })
  return {
    ...domainParts(settings, onProblem),
    log: () => log,
    database: () => openDatabase(settings.postgres, (error) => onProblem('a connection to Postgres was lost', error)),
    bus: async () => {
      if (!settings.kafka) return new MemoryEventBus()
      // Loaded when needed: drivers take up to half a second.
      const { KafkaEventBus } = await import('./bus/kafka-event-bus.ts')
      return new KafkaEventBus({ ...settings.kafka, onProblem })
    },
    cache: async () => {
      if (settings.redis === undefined) return new MemorySessionCache()
      const { RedisSessionCache } = await import('./cache/redis-session-cache.ts')
      const cache = new RedisSessionCache(settings.redis, (error) => onProblem('Redis does not answer', error))
      // The platform works without it, so a Redis that is away is no reason not to start.
      await cache.connect().catch(() => {})
      return cache
    },
    budgets: async () => {
      if (settings.redis === undefined) return new MemoryBudgets()
      const { RedisBudgets } = await import('./budget/redis-budgets.ts')
      const budgets = new RedisBudgets(settings.redis, (error) => onProblem('Redis does not answer', error))
      await budgets.connect().catch(() => {})
      return budgets
    },
    model: () => tracedModel(openai ? openAiModel({ ...openai, circuit }) : localModel),
    chatModel: () => tracedChatModel(openai ? openAiChatModel({ ...openai, circuit }) : localChatModel),
    seal: () => new TokenSeal(settings.upstream.sealSecret),
    upstream: async (parts) => {
      const { baseUrl } = settings.upstream
      return baseUrl === undefined
        ? new EmbeddedUpstream()
        : new HttpUpstream({ baseUrl, seal: await parts.get('seal'), threshold, resetMs })
    },
    tools: async (parts) => {
      const generator = new DocumentGenerator(await parts.get('chatModel'))
      return createTools({ upstream: await parts.get('upstream'), generator })
    },
    store: async (parts) => new PostgresSessionStore(await parts.get('database')),
    auth: () => createAuth(settings),
    owners: async (parts) => new SessionOwners(await parts.get('database')),
    limiter: () => new InFlightLimiter(),
    connectionLimits: () => {
      const { perProcess, perUser } = settings.sockets
      return new ConnectionLimits({ perProcess, perUser })
    },
    uiStates: async () => {
      if (settings.redis === undefined) return new UiStates()
      const { openUiStates } = await import('./ui-state/open-ui-states.ts')
      return openUiStates(settings.redis, onProblem)
    },
    policy: async () => {
      const engine = settings.opa === undefined ? await openEmbeddedEngine() : opaServerEngine(settings.opa)
      return new PolicyClient({ engine, onProblem })
    },
    dispatcher: async (parts) => {
      const [database, bus] = await Promise.all([parts.get('database'), parts.get('bus')])
      return new OutboxDispatcher({ database, bus, onProblem })
    },
    writer: async (parts) => {
      const { database, store, owners, dispatcher } = await parts.pick('database', 'store', 'owners', 'dispatcher')
      return new EventWriter(database, store, owners, () => dispatcher.notify())
    },
    conversations: async (parts) =>
      new Conversations({
        ...(await parts.pick('store', 'owners', 'writer', 'cache', 'uiStates', 'seal')),
        onProblem,
      }),
    gateway: async (parts) => {
      const shared = await parts.pick('auth', 'owners', 'policy', 'limiter', 'conversations', 'uiStates')
      const kept = await parts.pick('database', 'store', 'cache', 'bus')
      const modules = [await parts.get('domains')]
      if (running.includes('orchestrator')) modules.push(await parts.get('orchestration'))
      return Gateway.open({
        ...shared,
        ...kept,
        log,
        modules,
        roles: running,
        kinds: { bus: kindOfBus(kept.bus), model: (await parts.get('model')).name },
        sockets: { limits: await parts.get('connectionLimits'), maxMessageBytes: settings.sockets.maxMessageBytes },
        newId: randomUUID,
        now: () => new Date(),
      })
    },
    telemetry: () => startTelemetry(),
    agents: () => makeAgents({ ...settings.agents, openai: settings.openai }),
    orchestration: async (parts) => {
      const { verifier } = await parts.get('auth')
      const { dispatcher, ...shared } = await parts.pick('agents', 'limiter', 'database', 'bus', 'cache', 'dispatcher')
      return openOrchestration({
        ...shared,
        verifier,
        config: settings.agents.config,
        limits: await parts.get('connectionLimits'),
        onCommitted: () => dispatcher.notify(),
        onProblem,
      })
    },
    orchestratorServer: async (parts) => {
      const { database, cache, bus, model } = await parts.pick('database', 'cache', 'bus', 'model')
      const health = {
        roles: running,
        database: { kind: database.kind, ping: () => database.ping() },
        cache: { kind: cache.kind, ping: () => cache.ping() },
        bus: { kind: kindOfBus(bus), ping: () => bus.ping() },
        model: model.name,
      }
      return OrchestratorServer.open({ ...(await parts.pick('log', 'auth', 'orchestration')), health })
    },
    chains: async (parts) => {
      const shared = await parts.pick('database', 'store', 'bus', 'budgets', 'tools')
      const { chatModel: model, dispatcher } = await parts.pick('chatModel', 'dispatcher')
      return new ChainWorker({ ...shared, model, onCommitted: () => dispatcher.notify() }).start()
    },
    worker: async (parts) => {
      const shared = await parts.pick('database', 'store', 'bus', 'model', 'owners', 'budgets', 'chains')
      const dispatcher = await parts.get('dispatcher')
      return new ConversationWorker({ ...shared, personas, onCommitted: () => dispatcher.notify() }).start()
    },
    toolExecutor: async (parts) => {
      const shared = await parts.pick('database', 'bus', 'policy', 'tools')
      const dispatcher = await parts.get('dispatcher')
      return new ToolExecutor({ ...shared, onCommitted: () => dispatcher.notify() }).start()
    },
  }
}

export const kindOfBus = (bus: EventBus): string => (bus.durable ? 'Kafka' : 'in-process bus')
