import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import { without } from './command.ts'
import type { Tree } from './message.ts'

/** What a standalone server of version 7 says of itself; for clients of which no greeting was recorded. */
const STANDALONE: Tree = {
  helloOk: true,
  isWritablePrimary: true,
  ismaster: true,
  topologyVersion: { processId: { $oid: '000000000000000000000000' }, counter: { $numberLong: '0' } },
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  localTime: { $date: { $numberLong: '0' } },
  logicalSessionTimeoutMinutes: 30,
  connectionId: 1,
  minWireVersion: 0,
  maxWireVersion: 21,
  readOnly: false,
  ok: { $numberDouble: '1.0' },
}

/**
 * The answer to `hello` of the mock server: what was recorded, from the one server that there is. It offers no compression
 * and no short way of logging in, which clients do without then. A member of a replica set is its primary, and alone.
 */
export function helloReply(recorded: Value | undefined, request: Tree, address: string): Tree {
  const known = isTree(recorded) && recorded['ok'] !== undefined ? recorded : STANDALONE
  const base = without(known, 'compression', 'speculativeAuthenticate', 'passives', 'arbiters', 'saslSupportedMechs')
  const set: Tree =
    typeof known['setName'] === 'string'
      ? {
          hosts: [address],
          primary: address,
          me: address,
          secondary: false,
          arbiterOnly: false,
          passive: false,
          hidden: false,
        }
      : {}
  const writable = isTree(recorded) && typeof known['setName'] !== 'string' ? isWritable(known) : true
  const reply: Tree = { ...base, ...pick(set, known), helloOk: true, isWritablePrimary: writable, ismaster: writable }
  return request['saslSupportedMechs'] === undefined
    ? reply
    : { ...reply, saslSupportedMechs: ['SCRAM-SHA-1', 'SCRAM-SHA-256'] }
}

function isWritable(reply: Tree): boolean {
  return reply['isWritablePrimary'] === true || reply['ismaster'] === true
}

/** Fields that were recorded too, and those without which a replica set cannot be used. */
function pick(set: Tree, known: Tree): Tree {
  const needed = new Set(['hosts', 'primary', 'me', 'secondary'])
  return Object.fromEntries(Object.entries(set).filter(([key]) => needed.has(key) || known[key] !== undefined))
}

/** Replaces every address in an answer to `hello`. Gives the same tree when it names none. */
export async function moveAddresses(reply: Tree, move: (address: string) => Promise<string>): Promise<Tree> {
  const fields: [string, Value][] = []
  for (const field of ['hosts', 'passives', 'arbiters']) {
    const list = reply[field]
    if (!Array.isArray(list)) continue
    const addresses: Value[] = []
    for (const item of list as readonly Value[]) addresses.push(typeof item === 'string' ? await move(item) : item)
    fields.push([field, addresses])
  }
  for (const field of ['primary', 'me']) {
    const address = reply[field]
    if (typeof address === 'string') fields.push([field, await move(address)])
  }
  return fields.length === 0 ? reply : { ...reply, ...Object.fromEntries(fields) }
}
