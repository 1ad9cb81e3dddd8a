import type { Value } from '@keploy-framework/format'

import type { RelayRewriter, RelayStep, RewriterOptions } from '../protocol/rewriter.ts'
import { namesServers, replaceAddresses, type Address } from './addresses.ts'
import { CommandParser } from './command-parser.ts'
import { operationOf, requestOf, type RedisRequest } from './command.ts'
import { encodeReply } from './encode-reply.ts'
import { isSubscription, pushOf } from './pubsub.ts'
import { ReplyMode } from './reply-mode.ts'
import { ReplyScanner, type ScannedPiece } from './reply-scanner.ts'

const MESSAGE_LIMIT = 16 * 1024 * 1024
const STREAMS = new Set(['MONITOR', 'SYNC', 'PSYNC'])

/**
 * Puts relays in place of the addresses that a cluster or a sentinel names: `MOVED`, `ASK`, `CLUSTER SLOTS`, `SHARDS` and
 * `NODES`, what `SENTINEL` tells of masters, replicas and sentinels, and `+switch-master`. Only messages that may hold one
 * are kept until they are whole; all other bytes go on as they came, at once.
 */
export class RedisRewriter implements RelayRewriter {
  readonly #options: RewriterOptions
  readonly #commands = new CommandParser(MESSAGE_LIMIT)
  readonly #mode = new ReplyMode()
  readonly #scanner: ReplyScanner
  readonly #waiting: { readonly operation: string; readonly request: RedisRequest; replies: number }[] = []
  #version: 2 | 3 = 2
  #subscribed = false
  #blind = false

  constructor(options: RewriterOptions) {
    this.#options = options
    this.#scanner = new ReplyScanner(MESSAGE_LIMIT, (type) => this.#matters(type))
  }

  fromClient(chunk: Uint8Array): readonly RelayStep[] {
    if (!this.#blind) {
      this.#commands.push(chunk)
      for (let words = this.#commands.next(); words !== undefined; words = this.#commands.next()) {
        const operation = operationOf(words)
        if (STREAMS.has(operation)) this.#blind = true
        if (isSubscription(operation)) this.#subscribed = true
        if (this.#mode.silences(operation, words)) continue
        const request = requestOf(operation, words)
        this.#waiting.push({
          operation,
          request,
          replies: isSubscription(operation) ? Math.max(1, request.args.length) : 1,
        })
      }
      if (this.#commands.broken !== undefined) this.#blind = true
    }
    return [{ type: 'forward', bytes: chunk }]
  }

  fromServer(chunk: Uint8Array): readonly RelayStep[] | Promise<readonly RelayStep[]> {
    this.#scanner.push(chunk)
    const steps: (RelayStep | Promise<RelayStep>)[] = []
    let pending: Uint8Array[] = []
    const forward = (): void => {
      if (pending.length > 0)
        steps.push({
          type: 'forward',
          bytes: pending.length === 1 ? (pending[0] as Uint8Array) : Buffer.concat(pending),
        })
      pending = []
    }
    for (let piece = this.#scanner.next(); piece !== undefined; piece = this.#scanner.next()) {
      const changed = this.#blind ? undefined : this.#change(piece)
      if (changed === undefined) pending.push(piece.bytes)
      else {
        forward()
        steps.push(changed)
      }
    }
    forward()
    const asked = steps.some((step) => step instanceof Promise)
    return asked ? Promise.all(steps.map(async (step) => step)) : (steps as RelayStep[])
  }

  end(side: 'client' | 'server'): readonly Uint8Array[] {
    return side === 'server' ? this.#scanner.release() : []
  }

  /** Whether the message that begins has to be seen as a whole. */
  #matters(type: string): boolean {
    if (this.#blind) return false
    return (
      type === '-' ||
      type === '>' ||
      (this.#subscribed && this.#version === 2) ||
      needsLook(this.#waiting[0]?.operation)
    )
  }

  #change({ ends, reply }: ScannedPiece): Promise<RelayStep> | undefined {
    if (ends === undefined) return undefined
    const pushed = reply === undefined ? undefined : pushOf(reply, this.#subscribed && this.#version === 2)
    const operation = this.#settle(ends, pushed?.kind)
    if (reply === undefined) return undefined
    const message = pushed === undefined ? reply : { push: pushed.items }
    const found: Address[] = []
    replaceAddresses(operation, message, (host, port) => {
      found.push({ host, port })
      return undefined
    })
    return found.length === 0 ? undefined : this.#replaced(operation, message, found, this.#version)
  }

  async #replaced(operation: string, message: Value, found: readonly Address[], version: 2 | 3): Promise<RelayStep> {
    const relays = new Map<string, Address>()
    for (const { host, port } of found) {
      const key = `${host}:${port}`
      if (!relays.has(key)) relays.set(key, await this.#options.relayFor(host, port))
    }
    const next = replaceAddresses(operation, message, (host, port) => relays.get(`${host}:${port}`))
    return { type: 'forward', bytes: encodeReply(next, version) }
  }

  /** Takes the command that a message answers, and gives its name; nothing for what the server says by itself. */
  #settle(type: string, pushed: string | undefined): string {
    const head = this.#waiting[0]
    if (head === undefined || (pushed !== undefined && pushed !== head.operation.toLowerCase())) return ''
    head.replies--
    if (type === '-' || head.replies <= 0) this.#waiting.shift()
    if (type === '-') return head.operation
    if (head.operation === 'RESET') this.#setVersion(2)
    if (head.operation === 'HELLO' && head.request.args.length > 0)
      this.#setVersion(head.request.args[0] === '3' ? 3 : 2)
    return head.operation
  }

  #setVersion(version: 2 | 3): void {
    this.#version = version
    this.#scanner.version = version
  }
}

function needsLook(operation: string | undefined): boolean {
  return operation !== undefined && namesServers(operation)
}
