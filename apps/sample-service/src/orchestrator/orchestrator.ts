import { randomUUID } from 'node:crypto'

import { SpanStatusCode, trace } from '@opentelemetry/api'

import type { AgentName } from '../agents/agent.ts'
import type { GuardedAgent } from '../agents/guarded-agent.ts'
import type { UserKey } from '../auth/user.ts'
import { runTask } from './run-task.ts'
import type { TaskStore } from './task-store.ts'
import type { NewTask, Task } from './task.ts'

export interface OrchestratorOptions {
  tasks: TaskStore
  agents: ReadonlyMap<AgentName, GuardedAgent>
  /** Answers below this are poor. */
  qualityThreshold: number
  /** For a task with all its retries and agents. */
  taskTimeoutMs: number
  onProblem?: (problem: string, error: unknown) => void
  /** Makes ids of tasks. Default: random UUIDs. */
  newId?: () => string
  /** How long tasks may go on when the platform stops. Default 10,000. */
  graceMs?: number
  /** How often tasks are looked for whose process is gone. Default 30,000. */
  sweepMs?: number
}

/** Beyond its timeout, so that a task is given up by others only when nobody works on it. */
const MARGIN_SECONDS = 60

export type Executed = { task: Task } | { missing: 'project' | 'task' } | { stopping: true }

/** Runs tasks on agents. A task is in the database from before its first call to its end. */
export class Orchestrator implements AsyncDisposable {
  readonly agents: OrchestratorOptions['agents']
  readonly #options: Required<OrchestratorOptions>
  readonly #stopped = new AbortController()
  readonly #running = new Set<Promise<unknown>>()
  readonly #sweeping: NodeJS.Timeout
  #stopping = false

  constructor(options: OrchestratorOptions) {
    this.#options = { newId: randomUUID, graceMs: 10_000, sweepMs: 30_000, onProblem: () => {}, ...options }
    this.agents = options.agents
    this.#sweeping = setInterval(() => void this.#sweep(), this.#options.sweepMs)
    this.#sweeping.unref()
    void this.#sweep()
  }

  /** Resolves when the task has ended. Agents that fail are a task that failed; only the database can reject. */
  async execute(wanted: NewTask, owner: UserKey): Promise<Executed> {
    if (this.#stopping) return { stopping: true }
    const running = this.#execute(wanted, owner)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** Takes no more tasks, and ends those that are not done after a grace. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true
    clearInterval(this.#sweeping)
    const impatient = setTimeout(() => this.#stopped.abort(), this.#options.graceMs)
    await Promise.allSettled(this.#running)
    clearTimeout(impatient)
  }

  async #execute(wanted: NewTask, owner: UserKey): Promise<Executed> {
    const { tasks, qualityThreshold, taskTimeoutMs, newId } = this.#options
    const task_id = newId()
    const started = await tasks.start(task_id, owner, wanted, taskTimeoutMs / 1000 + MARGIN_SECONDS)
    if (!started) return { missing: 'project' }
    const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(taskTimeoutMs)])
    return trace.getTracer('sample-service').startActiveSpan(`task ${wanted.type}`, async (span): Promise<Executed> => {
      span.setAttributes({ 'task.id': task_id, 'task.type': wanted.type })
      try {
        const outcome = await runTask(wanted, this.agents, signal)
        if (!outcome.answered) span.setStatus({ code: SpanStatusCode.ERROR })
        const task = await tasks.finish(task_id, outcome, qualityThreshold)
        return task ? { task } : { missing: 'task' }
      } finally {
        span.end()
      }
    })
  }

  async #sweep(): Promise<void> {
    const sweeping = this.#options.tasks.giveUpOverdue()
    this.#running.add(sweeping)
    try {
      await sweeping
    } catch (error) {
      this.#options.onProblem('looking for interrupted tasks failed', error)
    } finally {
      this.#running.delete(sweeping)
    }
  }
}
