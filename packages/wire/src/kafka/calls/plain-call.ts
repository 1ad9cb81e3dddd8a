import type { Value } from '@keploy-framework/format'

import { isTree } from '../../protocol/value.ts'
import type { Tree } from '../struct.ts'
import { volatileFields } from './call-rules.ts'

/** A message as it stands in a call: without what changes by itself. */
export function callTree(body: Tree): Tree {
  return Object.fromEntries(
    Object.entries(body)
      .filter(([name]) => !volatileFields.has(name))
      .map(([name, value]) => [name, within(value)]),
  )
}

function within(value: Value): Value {
  if (Array.isArray(value)) return (value as readonly Value[]).map(within)
  return isTree(value) ? callTree(value) : value
}

/** The user name that a token of SASL carries in the clear; nothing else of a token is ever kept. */
export function saslUser(mechanism: string | undefined, token: Value | undefined): string | undefined {
  const text =
    typeof token === 'string' ? token : token instanceof Uint8Array ? Buffer.from(token).toString('utf8') : ''
  if (mechanism === 'PLAIN') return text.split('\0')[1]
  if (mechanism?.startsWith('SCRAM-') === true) return /^[ny](?:,|=[^,]*,)[^,]*,n=([^,]*),/.exec(text)?.[1]
  return undefined
}
