import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import type { TokenVerifier } from '../auth/token-verifier.ts'
import { sameUser } from '../auth/user.ts'
import type { EventBus } from '../bus/event-bus.ts'
import { requireEvent } from '../events/require-event.ts'
import { topics } from '../events/topics.ts'
import { HttpError } from '../http/http-error.ts'
import type { UpgradeTaker } from '../http/upgrades.ts'
import { closeCodes } from '../sockets/close-codes.ts'
import type { ConnectionLimits } from '../sockets/connection-limits.ts'
import type { Connection } from '../sockets/connection.ts'
import { SocketServer } from '../sockets/socket-server.ts'
import { parseChannel, type Channel } from './channel.ts'
import { RecentlySeen } from './recently-seen.ts'
import { ownedTaskEvent, type OwnedTaskEvent } from './task-event.ts'

export interface TaskSocketsOptions {
  verifier: TokenVerifier
  /** How many WebSockets there may be. */
  limits?: ConnectionLimits
  /** Time between two questions whether a client is still there. Default 15,000. */
  heartbeatMs?: number
  /** How much may wait for a client that reads too slowly before the connection is ended. Default 1 MiB. */
  maxBufferedBytes?: number
}

/** How many events are known again when the bus repeats them. */
const REMEMBERED = 10_000

/**
 * Clients that follow tasks: `WS /ws?channel=global` for all tasks of a user, `channel=project:ID` for those of one
 * project. Each gets the events from the moment of its connection. A client for which more waits than
 * `maxBufferedBytes` is disconnected with 1013, because an event left out in silence would be taken for a task that
 * never ended; what it missed is read from `GET /api/tasks/:id`.
 */
export class TaskSockets implements UpgradeTaker, AsyncDisposable {
  readonly #server: SocketServer
  readonly #maxBufferedBytes: number
  readonly #followers = new Map<Connection, Channel>()
  readonly #seen = new RecentlySeen(REMEMBERED)
  #following: AsyncDisposable | undefined

  constructor({ maxBufferedBytes = 1024 * 1024, ...options }: TaskSocketsOptions) {
    this.#maxBufferedBytes = maxBufferedBytes
    this.#server = new SocketServer({ ...options, protocol: 'tasks' })
  }

  /** Sends what the bus tells of tasks from now on. Each process is a group of its own, so that all of them hear it. */
  async follow(bus: EventBus): Promise<this> {
    this.#following = await bus.consume(
      topics.taskEvents,
      `orchestrator-${randomUUID()}`,
      async ({ value }) => {
        const owned = requireEvent(value, ownedTaskEvent)
        // The bus delivers at least once; a task starts and ends once.
        if (this.#seen.isNew(`${owned.event.task_id} ${owned.event.type}`)) this.send(owned)
      },
      { from: 'latest', concurrency: 256 },
    )
    return this
  }

  takes(target: string): boolean {
    return target.split('?', 1)[0]!.replace(/\/$/, '') === '/ws'
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const identity = await this.#server.identify(request)
    const channel = parseChannel(request.url ?? '')
    if (!channel) throw new HttpError(404, 'There is no such channel: global, or project:ID')
    this.#server.open({ request, socket, head }, identity, (connection) => this.#add(connection, channel))
  }

  /** Sends an event to those of its owner's clients that follow its channel. */
  send({ owner, event }: OwnedTaskEvent): void {
    const text = JSON.stringify(event)
    for (const [connection, { project_id }] of this.#followers) {
      if (!sameUser(connection.identity.user, owner) || !connection.isOpen) continue
      if (project_id !== undefined && project_id !== event.project_id) continue
      if (!connection.offer(text, this.#maxBufferedBytes)) connection.end(closeCodes.tooSlow, 'Too slow')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#following?.[Symbol.asyncDispose]()
    await this.#server[Symbol.asyncDispose]()
  }

  #add(connection: Connection, channel: Channel): void {
    this.#followers.set(connection, channel)
    // Clients say nothing here.
    connection.onMessage(() => {
      connection.end(closeCodes.unsupported, 'Tasks are sent to POST /api/orchestration/execute')
    })
    connection.onClose(() => this.#followers.delete(connection))
  }
}
