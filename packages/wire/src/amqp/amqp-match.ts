import type { Value } from '@keploy-framework/format'

import { oneLine } from '../protocol/one-line.ts'
import { isTree } from '../protocol/value.ts'
import { omit } from './clean-request.ts'
import type { MethodTree } from './method-codec.ts'

/** A request of a call as a method; nothing when it is none. */
export function asMethod(value: Value | undefined): MethodTree | undefined {
  return isTree(value) && typeof value['method'] === 'string' ? (value as MethodTree) : undefined
}

/** What of a method has to be equal: all but what a client says of itself, and the names that it gives to consumers. */
export function keyOfMethod(request: Value): Value {
  const tree = asMethod(request)
  if (tree === undefined) return request
  const { method } = tree
  if (method === 'protocol-header' || method.startsWith('connection.') || method.startsWith('channel.'))
    return { method }
  if (method === 'basic.consume') return omit(tree, 'consumerTag')
  // How many messages an acknowledgement takes at once depends on time.
  if (method === 'basic.ack' || method === 'basic.nack') return omit(tree, 'multiple')
  return omit(tree, 'polls')
}

/** Asking a queue for a message again and again: there is none when nothing recorded is left. */
export function idleAnswer(request: Value): { readonly response: Value; readonly afterMs: number } | undefined {
  const tree = asMethod(request)
  return tree?.method === 'basic.get' && tree['polls'] === true
    ? { response: { method: 'basic.get-empty' }, afterMs: 0 }
    : undefined
}

/** A method in one line: `basic.publish exchange "shop" routingKey "order" body "…"`. */
export function describeMethod(request: Value): string {
  const tree = asMethod(request)
  if (tree === undefined) return 'nothing'
  const said = Object.entries(tree).filter(([name, value]) => {
    const empty = isTree(value) && Object.keys(value).length === 0
    return name !== 'method' && value !== false && value !== '' && !empty
  })
  return oneLine([tree.method, ...said.map(([name, value]) => `${name} ${show(value)}`)].join(' '))
}

function show(value: Value): string {
  return value instanceof Uint8Array ? `(${value.length} bytes)` : JSON.stringify(value)
}
