import type { CallLifetime, Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import { FLAGS, type MessageBody, type Tree } from './message.ts'
import { saslUser } from './sasl-user.ts'

/**
 * A command as calls have it: what is asked, in which database, and the command itself without what drivers number (its
 * session, transaction numbers, times of the cluster) and without credentials.
 */
export interface CommandTree {
  readonly command: string
  readonly database: string
  readonly body: Tree
  /** Names of the fields of the body that came as sections of their own. */
  readonly sequences?: readonly string[]
  /** No answer is due (write concern 0). */
  readonly unacknowledged?: true
  /** The client takes more answers than one. */
  readonly exhaust?: true
  /** It came as OP_QUERY, as the first `hello` of a driver does; its flags. */
  readonly query?: number
}

const VOLATILE = new Set(['$db', 'lsid', '$clusterTime', 'txnNumber', 'recoveryToken', 'signature'])
const HANDSHAKE = new Set(['saslStart', 'saslContinue', 'authenticate', 'logout', 'getnonce'])
const BY_THE_WAY = new Set([
  'ping',
  'endSessions',
  'killCursors',
  'buildInfo',
  'buildinfo',
  'connectionStatus',
  'hello',
])
const SECRET: Readonly<Record<string, readonly string[]>> = {
  saslStart: ['payload'],
  saslContinue: ['payload'],
  authenticate: ['key', 'nonce'],
  createUser: ['pwd'],
  updateUser: ['pwd'],
}

/** The names of `hello`; the older ones are still what drivers begin with. */
export function isHello(command: string): boolean {
  return command === 'hello' || command.toLowerCase() === 'ismaster'
}

/** What kind of call a command is: its name, one for all names of `hello`. */
export function operationOf(request: CommandTree): string {
  return isHello(request.command) ? 'hello' : request.command
}

/** For how long the answer to a command counts. */
export function lifetimeOf(request: CommandTree): CallLifetime {
  const operation = operationOf(request)
  if (HANDSHAKE.has(operation)) return 'connection'
  if (operation === 'hello' && isTree(request.body['client'])) return 'connection'
  return BY_THE_WAY.has(operation) ? 'session' : 'test'
}

/** The command that a message of a client asks for; nothing when it is none. */
export function commandOf(message: MessageBody): CommandTree | undefined {
  if (message.type === 'msg') {
    const { flags, body, sequences } = message
    const folded = sequences.map(({ identifier, documents }) => [identifier, documents] as const)
    const tree = cleanCommand({ ...body, ...Object.fromEntries(folded) })
    if (tree === undefined) return undefined
    return {
      ...tree,
      database: typeof body['$db'] === 'string' ? body['$db'] : '',
      ...(sequences.length > 0 && { sequences: sequences.map(({ identifier }) => identifier) }),
      ...((flags & FLAGS.moreToCome) !== 0 && { unacknowledged: true as const }),
      ...((flags & FLAGS.exhaustAllowed) !== 0 && { exhaust: true as const }),
    }
  }
  if (message.type !== 'query' || !message.collection.endsWith('.$cmd')) return undefined
  // A read preference wraps the command.
  const { $query } = message.query
  const tree = cleanCommand(isTree($query) ? $query : message.query)
  if (tree === undefined) return undefined
  return { ...tree, database: message.collection.slice(0, -'.$cmd'.length), query: message.flags }
}

function cleanCommand(
  body: Tree,
): { readonly command: string; readonly database: string; readonly body: Tree } | undefined {
  const command = Object.keys(body)[0]
  if (command === undefined || command.startsWith('$')) return undefined
  const secret = SECRET[command]
  const kept = Object.keys(body).filter((key) => !VOLATILE.has(key) && secret?.includes(key) !== true)
  const entries = kept.map((key) => [key, cleanField(command, key, body[key] as Value)] as const)
  const user = command === 'saslStart' ? saslUser(body) : undefined
  return { command, database: '', body: { ...Object.fromEntries(entries), ...(user !== undefined && { user }) } }
}

function cleanField(command: string, key: string, value: Value): Value {
  // Nothing but the ids of sessions.
  if (key === 'endSessions' && command === key) return []
  if (key === 'speculativeAuthenticate' && isTree(value)) {
    const { mechanism, db } = value
    const user = saslUser(value) ?? value['user']
    return {
      ...(typeof mechanism === 'string' && { mechanism }),
      ...(typeof user === 'string' && { user }),
      ...(typeof db === 'string' && { db }),
    }
  }
  if (key === 'readConcern' && isTree(value)) return without(value, 'afterClusterTime')
  return value
}

/** A tree without some of its fields. */
export function without(tree: Tree, ...fields: readonly string[]): Tree {
  return Object.fromEntries(Object.entries(tree).filter(([key]) => !fields.includes(key)))
}

/** An answer as calls have it: the document, without what proves a password. */
export function cleanReply(operation: string, reply: Tree): Tree {
  if (operation === 'hello') return without(reply, 'speculativeAuthenticate')
  return HANDSHAKE.has(operation) ? without(reply, 'payload', 'nonce') : reply
}

/** The tree of a command, where a `Value` is wanted. */
export function asValue(command: CommandTree): Tree {
  return command as unknown as Tree
}

/** A request of a call as a command; nothing when it is none. */
export function asCommand(request: Value): CommandTree | undefined {
  if (!isTree(request)) return undefined
  const { command, database, body } = request
  return typeof command === 'string' && typeof database === 'string' && isTree(body)
    ? (request as unknown as CommandTree)
    : undefined
}
