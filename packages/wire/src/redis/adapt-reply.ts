import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import type { RedisRequest } from './command.ts'
import { entriesOf, mapOf } from './map-of.ts'
import { textOf } from './text-of.ts'

const MAPS = new Set([
  'HGETALL',
  'CONFIG GET',
  'CLIENT TRACKINGINFO',
  'MEMORY STATS',
  'XINFO STREAM',
  'HELLO',
  'PUBSUB NUMSUB',
])
const SETS = new Set(['SMEMBERS', 'SINTER', 'SUNION', 'SDIFF'])
const DOUBLES = new Set(['ZSCORE', 'ZINCRBY'])
const STREAMS = new Set(['XREAD', 'XREADGROUP'])
const SCORED = new Set([
  'ZRANGE',
  'ZREVRANGE',
  'ZRANGEBYSCORE',
  'ZREVRANGEBYSCORE',
  'ZUNION',
  'ZINTER',
  'ZDIFF',
  'ZPOPMIN',
  'ZPOPMAX',
])

/**
 * A reply that was recorded in the other version of the protocol, in the shape that this version has for the command.
 * Types are exchanged by `encodeReply`; here is what is nested otherwise. A reply that has the right shape is given back
 * as the same object.
 */
export function adaptReply(operation: string, request: RedisRequest, reply: Value, version: 2 | 3): Value {
  return version === 3 ? toThree(operation, request, reply) : toTwo(operation, request, reply)
}

function toThree(operation: string, request: RedisRequest, reply: Value): Value {
  if (typeof reply === 'string' && DOUBLES.has(operation) && /^-?(?:\d|inf)/.test(reply)) return { double: reply }
  if (!Array.isArray(reply)) return reply
  const items = reply as readonly Value[]
  if (MAPS.has(operation) && operation !== 'PUBSUB NUMSUB' && items.length % 2 === 0) return { map: mapOf(items) }
  if (SETS.has(operation)) return { set: items }
  if (STREAMS.has(operation))
    return { map: mapOf(items.flatMap((item) => (Array.isArray(item) ? (item as readonly Value[]) : []))) }
  if (!hasScores(operation, request) || !isFlat(items)) return reply
  const pairs: Value[] = []
  for (let at = 0; at + 1 < items.length; at += 2) pairs.push([items[at] as Value, { double: textOf(items[at + 1]) }])
  return isPop(operation) && request.args.length === 1 ? (pairs[0] ?? []) : pairs
}

function toTwo(operation: string, request: RedisRequest, reply: Value): Value {
  if (STREAMS.has(operation) && isTree(reply) && 'map' in reply) {
    return entriesOf(reply['map'] ?? null).map(([key, item]) => [key, item])
  }
  if (!Array.isArray(reply) || !hasScores(operation, request)) return reply
  const items = reply as readonly Value[]
  return isFlat(items) ? reply : items.flatMap((item) => (Array.isArray(item) ? (item as readonly Value[]) : [item]))
}

function hasScores(operation: string, request: RedisRequest): boolean {
  if (!SCORED.has(operation)) return false
  return isPop(operation) || request.args.some((arg) => typeof arg === 'string' && arg.toUpperCase() === 'WITHSCORES')
}

function isPop(operation: string): boolean {
  return operation === 'ZPOPMIN' || operation === 'ZPOPMAX'
}

/** Whether scores stand as text beside their members, as in RESP2. */
function isFlat(items: readonly Value[]): boolean {
  return items.every((item) => typeof item === 'string' || item instanceof Uint8Array)
}
