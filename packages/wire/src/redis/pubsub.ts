import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'

const CONFIRMATIONS = new Set(['subscribe', 'unsubscribe', 'psubscribe', 'punsubscribe', 'ssubscribe', 'sunsubscribe'])
const MESSAGES = new Set(['message', 'pmessage', 'smessage'])

/** What a connection is subscribed to, by the family of its commands. */
export class Subscriptions {
  readonly channels = new Set<string>()
  readonly patterns = new Set<string>()
  readonly shards = new Set<string>()

  /** Whether a connection in RESP2 is in subscribed mode. */
  get active(): boolean {
    return this.channels.size + this.patterns.size + this.shards.size > 0
  }

  /** The names of the family that a command or confirmation belongs to. */
  of(operation: string): Set<string> {
    if (/^p/i.test(operation)) return this.patterns
    return /^s(?:un)?s/i.test(operation) ? this.shards : this.channels
  }

  /** The number that a confirmation carries: shards are counted apart. */
  count(operation: string): number {
    const names = this.of(operation)
    return names === this.shards ? names.size : this.channels.size + this.patterns.size
  }

  clear(): void {
    this.channels.clear()
    this.patterns.clear()
    this.shards.clear()
  }
}

/** A name of a channel as a key of a set. */
export function channelKey(name: Value | undefined): string {
  if (name instanceof Uint8Array) return `bytes ${Buffer.from(name).toString('hex')}`
  return `text ${typeof name === 'string' ? name : ''}`
}

/** Whether a command is confirmed with one message for each channel, in place of a reply. */
export function isSubscription(operation: string): boolean {
  return CONFIRMATIONS.has(operation.toLowerCase()) && operation === operation.toUpperCase()
}

/** What the server says by itself in this message, and its kind; nothing for replies. `arrays`: RESP2 sends these as arrays. */
export function pushOf(
  message: Value,
  arrays: boolean,
): { readonly kind: string; readonly items: readonly Value[] } | undefined {
  const list = isTree(message) ? message['push'] : arrays ? message : undefined
  if (!Array.isArray(list)) return undefined
  const items = list as readonly Value[]
  const kind = typeof items[0] === 'string' ? items[0] : 'push'
  if (isTree(message)) return { kind, items }
  const confirms = CONFIRMATIONS.has(kind) && items.length === 3 && typeof items[2] === 'number'
  const tells = MESSAGES.has(kind) && items.length === (kind === 'pmessage' ? 4 : 3)
  return confirms || tells ? { kind, items } : undefined
}

/** Keeps what a confirmation says. */
export function noteConfirmation(subscriptions: Subscriptions, kind: string, channel: Value | undefined): void {
  if (!CONFIRMATIONS.has(kind)) return
  const names = subscriptions.of(kind)
  if (kind.endsWith('unsubscribe')) names.delete(channelKey(channel))
  else names.add(channelKey(channel))
}
