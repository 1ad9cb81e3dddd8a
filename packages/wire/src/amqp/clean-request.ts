import type { CallLifetime, Value } from '@keploy-framework/format'

import { bytesOf } from '../protocol/value.ts'
import { Input } from './bytes.ts'
import type { MethodTree } from './method-codec.ts'
import { asTable, readTable } from './tables.ts'

/** What set a connection, a channel or what it needs up; the rest was caused by a test. */
const SETTING_UP = new Set([
  'protocol-header',
  'connection.start-ok',
  'connection.open',
  'connection.close',
  'connection.update-secret',
  'channel.open',
  'channel.close',
  'channel.flow',
  'access.request',
  'exchange.declare',
  'exchange.bind',
  'queue.declare',
  'queue.bind',
  'basic.qos',
  'confirm.select',
  'tx.select',
])

/** The name under which what a client begins with is known, before it speaks in methods. */
export const PROTOCOL_HEADER = 'protocol-header'

/** For how long the answer to a method counts. Asking after a queue, and having one named, belong to a test. */
export function lifetimeOf({ method, passive, queue }: MethodTree): CallLifetime {
  if (passive === true || (method === 'queue.declare' && queue === '')) return 'test'
  return SETTING_UP.has(method) ? 'connection' : 'test'
}

/** A method of a client as calls have it: without credentials. */
export function cleanRequest(tree: MethodTree): MethodTree {
  if (tree.method === 'connection.update-secret') return omit(tree, 'newSecret')
  if (tree.method !== 'connection.start-ok') return tree
  const user = userOf(tree)
  return { ...omit(tree, 'response'), ...(user !== undefined && { user }) }
}

function userOf({ mechanism, response }: MethodTree): string | undefined {
  if (typeof response !== 'string' && !(response instanceof Uint8Array)) return undefined
  const bytes = Buffer.from(bytesOf(response))
  if (mechanism === 'PLAIN') return bytes.toString('utf8').split('\0')[1]
  if (mechanism !== 'AMQPLAIN') return undefined
  try {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    const { LOGIN } = asTable(readTable(new Input(Buffer.concat([length, bytes]))))
    return typeof LOGIN === 'string' ? LOGIN : undefined
  } catch {
    return undefined
  }
}

/** A method without some of its arguments. */
export function omit(tree: MethodTree, ...names: readonly string[]): MethodTree {
  const kept: [string, Value][] = Object.entries(tree).filter(([name]) => !names.includes(name))
  return Object.fromEntries(kept) as MethodTree
}
