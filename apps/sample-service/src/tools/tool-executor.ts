import { UnavailableError } from '../bus/errors.ts'
import type { Delivery, EventBus } from '../bus/event-bus.ts'
import type { Database } from '../database/database.ts'
import { whileAvailable } from '../database/while-available.ts'
import { requireEvent } from '../events/require-event.ts'
import { toolRequest, type ToolRequest, type ToolResult } from '../events/tool-events.ts'
import { topics } from '../events/topics.ts'
import { oncePerEvent, wasProcessed } from '../outbox/once-per-event.ts'
import { addToOutbox } from '../outbox/outbox.ts'
import type { PolicyClient } from '../policy/policy-client.ts'
import { runTool } from './run-tool.ts'
import type { Tool } from './tool.ts'

export interface ToolExecutorOptions {
  database: Database
  bus: EventBus
  tools: ReadonlyMap<string, Tool>
  policy: PolicyClient
  /** Called when a result is committed, so that it is published at once. */
  onCommitted: () => void
}

const GROUP = 'tool-executor'

/** Runs tools: reads `tool.requests`, writes results for `tool.results`. */
export class ToolExecutor implements AsyncDisposable {
  readonly #options: ToolExecutorOptions
  #consumer: AsyncDisposable | undefined

  constructor(options: ToolExecutorOptions) {
    this.#options = options
  }

  async start(): Promise<this> {
    this.#consumer = await this.#options.bus.consume(topics.toolRequests, GROUP, (delivery) =>
      whileAvailable(() => this.#handle(delivery)),
    )
    return this
  }

  /** Finishes the tools that run. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer?.[Symbol.asyncDispose]()
  }

  async #handle({ key, value }: Delivery): Promise<void> {
    const request = requireEvent(value, toolRequest)
    const { database, onCommitted } = this.#options
    if (await wasProcessed(database, GROUP, request.event_id)) return

    const result = await this.#run(request)
    await oncePerEvent(database, GROUP, request.event_id, (transaction) =>
      addToOutbox(transaction, [{ topic: topics.toolResults, key: key || request.event_id, value: result }]),
    )
    onCommitted()
  }

  /** What the policy denies is a result, too. While nothing can be decided, the request waits. */
  async #run(request: ToolRequest): Promise<ToolResult> {
    const { tools, policy } = this.#options
    const { event_id, caller, persona_id = null, tool_name } = request
    // Without a user there is nobody to decide about; tools that need one say so themselves.
    if (!caller) return runTool(tools, request)
    const { tenant, role } = caller
    const question = { tenant, persona: persona_id, action: 'tool.run', resource: tool_name, context: { role } }
    const { allow, reason, unavailable } = await policy.evaluate(question)
    if (unavailable) throw new UnavailableError(reason)
    if (allow) return runTool(tools, request)
    const error = `The policy denies ${tool_name}: ${reason}.`
    return { event_id, status: 'error', payload: { error, error_code: 'POLICY_DENIED' } }
  }
}
