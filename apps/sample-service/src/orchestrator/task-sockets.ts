import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

import { WebSocketServer, type WebSocket } from 'ws'

import { tokenOfUpgrade } from '../auth/token-of-request.ts'
import type { Identity, TokenVerifier } from '../auth/token-verifier.ts'
import { UnauthorizedError } from '../auth/unauthorized-error.ts'
import { sameUser } from '../auth/user.ts'
import type { EventBus } from '../bus/event-bus.ts'
import { requireEvent } from '../events/require-event.ts'
import { topics } from '../events/topics.ts'
import { HttpError } from '../http/http-error.ts'
import type { UpgradeTaker } from '../http/upgrades.ts'
import { parseChannel, type Channel } from './channel.ts'
import { RecentlySeen } from './recently-seen.ts'
import { ownedTaskEvent, type OwnedTaskEvent } from './task-event.ts'

export interface TaskSocketsOptions {
  verifier: TokenVerifier
  /** Time between two questions whether a client is still there. Default 15,000. */
  heartbeatMs?: number
  /** How many clients at most; further ones get a 503. Default 10,000. */
  maxClients?: number
  /** How much may wait for a client that reads too slowly before the connection is ended. Default 1 MiB. */
  maxBufferedBytes?: number
}

interface Follower {
  channel: Channel
  identity: Identity
  alive: boolean
}

/** Clients say nothing here. */
const MAX_FRAME_BYTES = 1024
/** How many events are known again when the bus repeats them. */
const REMEMBERED = 10_000
const CLOSE_GOING_AWAY = 1001
const CLOSE_UNSUPPORTED = 1003
/** "Try again later": what was missed is read from `GET /api/tasks/:id`. */
const CLOSE_TOO_SLOW = 1013
const CLOSE_TOKEN_EXPIRED = 4401

/**
 * Clients that follow tasks: `WS /ws?channel=global` for all tasks of a user, `channel=project:ID` for those of one
 * project. Each gets the events from the moment of its connection. A client for which more waits than
 * `maxBufferedBytes` is disconnected with 1013, because an event left out in silence would be taken for a task that
 * never ended.
 */
export class TaskSockets implements UpgradeTaker, AsyncDisposable {
  readonly #options: Required<TaskSocketsOptions>
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    // Never the one that carries the token.
    handleProtocols: (offered) => offered.has('tasks') && 'tasks',
  })
  readonly #followers = new Map<WebSocket, Follower>()
  readonly #seen = new RecentlySeen(REMEMBERED)
  readonly #heartbeat: NodeJS.Timeout
  #following: AsyncDisposable | undefined

  constructor(options: TaskSocketsOptions) {
    this.#options = { heartbeatMs: 15_000, maxClients: 10_000, maxBufferedBytes: 1024 * 1024, ...options }
    this.#heartbeat = setInterval(() => this.#beat(), this.#options.heartbeatMs)
    this.#heartbeat.unref()
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
    const target = request.url ?? ''
    const token = tokenOfUpgrade(request.headers, target)
    if (token === undefined) throw new UnauthorizedError('A token is needed')
    const identity = await this.#options.verifier.verify(token)
    const channel = parseChannel(target)
    if (!channel) throw new HttpError(404, 'There is no such channel: global, or project:ID')
    if (this.#server.clients.size >= this.#options.maxClients) throw new HttpError(503, 'Too many clients follow tasks')
    this.#server.handleUpgrade(request, socket, head, (client) => this.#add(client, { channel, identity, alive: true }))
  }

  /** Sends an event to those of its owner's clients that follow its channel. */
  send({ owner, event }: OwnedTaskEvent): void {
    const text = JSON.stringify(event)
    for (const [socket, { channel, identity }] of this.#followers) {
      if (!sameUser(identity.user, owner) || socket.readyState !== socket.OPEN) continue
      if (channel.project_id !== undefined && channel.project_id !== event.project_id) continue
      if (socket.bufferedAmount > this.#options.maxBufferedBytes) socket.close(CLOSE_TOO_SLOW, 'Too slow')
      else socket.send(text)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat)
    await this.#following?.[Symbol.asyncDispose]()
    for (const socket of this.#server.clients) socket.close(CLOSE_GOING_AWAY, 'The server stops')
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    // A client that does not answer the farewell is not waited for.
    const impatient = setTimeout(() => {
      for (const socket of this.#server.clients) socket.terminate()
    }, 1_000)
    await closed
    clearTimeout(impatient)
  }

  #add(socket: WebSocket, follower: Follower): void {
    this.#followers.set(socket, follower)
    socket.on('pong', () => (follower.alive = true))
    socket.on('message', () => socket.close(CLOSE_UNSUPPORTED, 'Tasks are sent to POST /api/orchestration/execute'))
    // A frame that is too large or malformed: ws closes the connection with the right code.
    socket.on('error', () => {})
    socket.on('close', () => this.#followers.delete(socket))
  }

  #beat(): void {
    for (const [socket, follower] of this.#followers) {
      if (Date.now() >= follower.identity.expiresAt) socket.close(CLOSE_TOKEN_EXPIRED, 'The token has expired')
      else if (!follower.alive) socket.terminate()
      else {
        follower.alive = false
        socket.ping()
      }
    }
  }
}
