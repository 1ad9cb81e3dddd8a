import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import { entriesOf } from './map-of.ts'
import { textOf } from './text-of.ts'

/** Where a server can be reached. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** Gives the address that stands in place of another one; nothing leaves it. */
export type Replace = (host: string, port: number) => Address | undefined

const NODE_LISTS = new Set([
  'SENTINEL SENTINELS',
  'SENTINEL REPLICAS',
  'SENTINEL SLAVES',
  'SENTINEL MASTERS',
  'SENTINEL MASTER',
])
const WITH_ADDRESSES = new Set([
  ...NODE_LISTS,
  'CLUSTER SLOTS',
  'CLUSTER SHARDS',
  'CLUSTER NODES',
  'SENTINEL GET-MASTER-ADDR-BY-NAME',
])

/** Whether replies to a command may name servers. `MOVED` and `ASK` may answer every command. */
export function namesServers(operation: string): boolean {
  return WITH_ADDRESSES.has(operation)
}

/** A reply, or what a server says by itself, with other addresses in it; the same object when it has none. */
export function replaceAddresses(operation: string, reply: Value, replace: Replace): Value {
  if (isTree(reply)) {
    if (typeof reply['error'] === 'string') return replaceInError(reply, reply['error'], replace)
    if (Array.isArray(reply['push'])) return replaceInMessage(reply, reply['push'] as readonly Value[], replace)
  }
  switch (operation) {
    case 'CLUSTER SLOTS':
      return mapList(reply, (slot) => mapList(slot, (item, at) => (at < 2 ? item : slotNode(item, replace))))
    case 'CLUSTER SHARDS':
      return mapList(reply, (shard) =>
        mapField(shard, 'nodes', (nodes) => mapList(nodes, (node) => mapNode(node, replace))),
      )
    case 'CLUSTER NODES':
      return replaceInNodes(reply, replace)
    case 'SENTINEL GET-MASTER-ADDR-BY-NAME': {
      const [host, port] = Array.isArray(reply) ? (reply as readonly Value[]) : []
      const next = replaced(host, port, replace)
      return next === undefined ? reply : [next.host, String(next.port)]
    }
    case 'SENTINEL MASTER':
      return mapNode(reply, replace)
    default:
      return NODE_LISTS.has(operation) ? mapList(reply, (node) => mapNode(node, replace)) : reply
  }
}

function replaced(host: Value | undefined, port: Value | undefined, replace: Replace): Address | undefined {
  const number = Number(port)
  if (typeof host !== 'string' || host === '' || !(number > 0 && number < 65_536)) return undefined
  return replace(host, number)
}

/** `MOVED 3999 10.0.0.2:6381`, `ASK 3999 10.0.0.2:6381`. */
function replaceInError(reply: Value, error: string, replace: Replace): Value {
  const match = /^((?:MOVED|ASK) \d+ )(.+):(\d+)$/.exec(error)
  const next = match === null ? undefined : replaced(match[2], match[3], replace)
  return next === undefined ? reply : { error: `${match?.[1]}${next.host}:${next.port}` }
}

/** `+switch-master` of a sentinel: `mymaster 10.0.0.1 6379 10.0.0.2 6379`. */
function replaceInMessage(reply: Value, items: readonly Value[], replace: Replace): Value {
  const text = items.at(-1)
  if (items.at(-2) !== '+switch-master' || typeof text !== 'string') return reply
  const [name = '', oldHost, oldPort, newHost, newPort, ...rest] = text.split(' ')
  const before = replaced(oldHost, oldPort, replace)
  const after = replaced(newHost, newPort, replace)
  const from = before === undefined ? [oldHost, oldPort] : [before.host, before.port]
  const to = after === undefined ? [newHost, newPort] : [after.host, after.port]
  if (rest.length > 0 || newPort === undefined) return reply
  return { push: [...items.slice(0, -1), [name, ...from, ...to].join(' ')] }
}

/** Lines such as `<id> 10.0.0.2:6381@16381,name master - 0 …`. */
function replaceInNodes(reply: Value, replace: Replace): Value {
  const text = isTree(reply) ? reply['verbatim'] : reply
  if (typeof text !== 'string') return reply
  const next = text
    .split('\n')
    .map((line) => {
      const match = /^(\S+ )([^\s@]+):(\d+)(@\d+)?(.*)$/s.exec(line)
      const address = match === null ? undefined : replaced(match[2], match[3], replace)
      return address === undefined
        ? line
        : `${match?.[1]}${address.host}:${address.port}${match?.[4] ?? ''}${match?.[5]}`
    })
    .join('\n')
  return isTree(reply) ? { ...reply, verbatim: next } : next
}

function slotNode(node: Value, replace: Replace): Value {
  if (!Array.isArray(node)) return node
  const [host, port, ...rest] = node as readonly Value[]
  const next = replaced(host, port, replace)
  return next === undefined ? node : [next.host, next.port, ...rest]
}

/** A node as names and values: a flat array in RESP2, a map in RESP3. */
function mapNode(node: Value, replace: Replace): Value {
  const fields = new Map(entriesOf(isTree(node) ? (node['map'] ?? null) : pairsOf(node)))
  const port = fields.get('port')
  const host = [fields.get('ip'), fields.get('endpoint')].find(
    (value) => typeof value === 'string' && value !== '' && value !== '?',
  )
  const next = replaced(host, port, replace)
  if (next === undefined) return node
  let result = node
  const name = fields.get('name')
  if (typeof name === 'string' && name === `${textOf(host)}:${textOf(port)}`) {
    result = mapField(result, 'name', () => `${next.host}:${next.port}`)
  }
  for (const field of ['ip', 'endpoint']) {
    result = mapField(result, field, (value) =>
      typeof value === 'string' && value !== '' && value !== '?' ? next.host : value,
    )
  }
  return mapField(result, 'port', (value) => (typeof value === 'number' ? next.port : String(next.port)))
}

function pairsOf(list: Value): Value {
  if (!Array.isArray(list)) return null
  const items = list as readonly Value[]
  return items.flatMap((item, at) => (at % 2 === 0 && at + 1 < items.length ? [[item, items[at + 1] as Value]] : []))
}

function mapField(node: Value, field: string, change: (value: Value) => Value): Value {
  if (Array.isArray(node)) {
    const items = node as readonly Value[]
    return items.map((item, at) => (at % 2 === 1 && items[at - 1] === field ? change(item) : item))
  }
  if (!isTree(node)) return node
  const map = node['map']
  if (Array.isArray(map)) {
    return {
      map: (map as readonly Value[]).map((pair) =>
        mapList(pair, (item, at, all) => (at === 1 && all[0] === field ? change(item) : item)),
      ),
    }
  }
  if (!isTree(map) || !Object.hasOwn(map, field)) return node
  return { map: { ...map, [field]: change(map[field] as Value) } }
}

function mapList(value: Value, change: (item: Value, at: number, all: readonly Value[]) => Value): Value {
  return Array.isArray(value) ? (value as readonly Value[]).map((item, at, all) => change(item, at, all)) : value
}
