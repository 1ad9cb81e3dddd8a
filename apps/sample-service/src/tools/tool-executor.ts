import { PoisonError } from '../bus/errors.ts'
import type { Delivery, EventBus } from '../bus/event-bus.ts'
import type { Database } from '../database/database.ts'
import { whileAvailable } from '../database/while-available.ts'
import { toolRequest } from '../events/tool-events.ts'
import { topics } from '../events/topics.ts'
import { describeProblems, validateEvent } from '../events/validate-event.ts'
import { oncePerEvent, wasProcessed } from '../outbox/once-per-event.ts'
import { addToOutbox } from '../outbox/outbox.ts'
import { runTool } from './run-tool.ts'
import type { Tool } from './tool.ts'

export interface ToolExecutorOptions {
  database: Database
  bus: EventBus
  tools: ReadonlyMap<string, Tool>
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
    const validated = validateEvent(value, toolRequest)
    if ('problems' in validated) throw new PoisonError(describeProblems(toolRequest, validated.problems))
    const request = validated.event
    const { database, tools, onCommitted } = this.#options
    if (await wasProcessed(database, GROUP, request.event_id)) return

    const result = await runTool(tools, request)
    await oncePerEvent(database, GROUP, request.event_id, (transaction) =>
      addToOutbox(transaction, [{ topic: topics.toolResults, key: key || request.event_id, value: result }]),
    )
    onCommitted()
  }
}
