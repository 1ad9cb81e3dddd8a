import type { CallLifetime, Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import type { Word } from './command-parser.ts'

/** What a client asks, as it stands in a call. */
export type RedisRequest = {
  readonly [key: string]: Value
  /** As the client wrote it. */
  readonly command: string
  readonly args: readonly Word[]
}

/** Commands whose first argument says what they do. */
const CONTAINERS = new Set(
  'ACL CLIENT CLUSTER COMMAND CONFIG DEBUG FUNCTION LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT SENTINEL SLOWLOG XGROUP XINFO'.split(
    ' ',
  ),
)

const LIFETIMES = new Map<string, CallLifetime>([
  ...list(
    'HELLO,AUTH,SELECT,RESET,QUIT,READONLY,READWRITE,CLIENT SETNAME,CLIENT SETINFO,CLIENT ID,CLIENT GETNAME',
    'connection',
  ),
  ...list(
    'CLIENT NO-EVICT,CLIENT NO-TOUCH,CLIENT TRACKING,CLIENT REPLY,CLIENT INFO,CLIENT MAINT_NOTIFICATIONS',
    'connection',
  ),
  ...list(
    'PING,ECHO,INFO,ROLE,ASKING,COMMAND,COMMAND DOCS,COMMAND INFO,COMMAND COUNT,COMMAND LIST,COMMAND GETKEYS',
    'session',
  ),
  ...list('CLIENT CACHING,CLIENT LIST,CONFIG GET,SCRIPT LOAD,SCRIPT EXISTS,MODULE LIST,MEMORY DOCTOR', 'session'),
  ...list('CLUSTER SLOTS,CLUSTER SHARDS,CLUSTER NODES,CLUSTER INFO,CLUSTER MYID,CLUSTER KEYSLOT', 'session'),
  ...list('SENTINEL GET-MASTER-ADDR-BY-NAME,SENTINEL SENTINELS,SENTINEL REPLICAS,SENTINEL SLAVES', 'session'),
  ...list('SENTINEL MASTER,SENTINEL MASTERS,SENTINEL MYID', 'session'),
  ...list('SUBSCRIBE,PSUBSCRIBE,SSUBSCRIBE,UNSUBSCRIBE,PUNSUBSCRIBE,SUNSUBSCRIBE', 'session'),
])

function list(names: string, lifetime: CallLifetime): [string, CallLifetime][] {
  return names.split(',').map((name) => [name, lifetime])
}

/** The name of a command in upper case, with the subcommand of those that have some: `GET`, `CLIENT SETINFO`. */
export function operationOf(words: readonly Word[]): string {
  const [first, second] = words
  const name = nameOf(first)
  return typeof second === 'string' && CONTAINERS.has(name) ? `${name} ${nameOf(second)}` : name
}

function nameOf(word: Word | undefined): string {
  return (typeof word === 'string' ? word : Buffer.from(word ?? []).toString('latin1')).toUpperCase()
}

/** For how long an answer to a command counts. */
export function lifetimeOf(operation: string): CallLifetime {
  return LIFETIMES.get(operation) ?? 'test'
}

/** Whether the database that is selected says something about a command. */
export function usesDatabase(operation: string): boolean {
  return !LIFETIMES.has(operation) && operation !== 'PUBLISH' && operation !== 'SPUBLISH'
}

/**
 * A command as it stands in a call: without passwords. `AUTH` and `HELLO` keep the name of the user only; what sets or
 * carries a password elsewhere has `*` in its place.
 */
export function requestOf(operation: string, words: readonly Word[]): RedisRequest {
  const first = words[0]
  const command = typeof first === 'string' ? first : Buffer.from(first ?? []).toString('latin1')
  const args = words.slice(1)
  switch (operation) {
    case 'AUTH':
      return { command, args: [], user: args.length > 1 ? (args[0] as Word) : 'default' }
    case 'HELLO':
      return helloOf(command, args)
    case 'MIGRATE':
      return { command, args: hideAfter(args, { AUTH: [1], AUTH2: [2] }) }
    case 'CONFIG SET':
      return { command, args: args.map((arg, at) => (at > 1 && isSecretSetting(args[at - 1]) ? '*' : arg)) }
    case 'ACL SETUSER':
      return {
        command,
        args: args.map((arg, at) => (at > 1 && typeof arg === 'string' ? arg.replace(/^([<>#!]).*$/s, '$1*') : arg)),
      }
    default:
      return { command, args }
  }
}

function helloOf(command: string, args: readonly Word[]): RedisRequest {
  const at = args.findIndex((arg) => nameOf(arg) === 'AUTH')
  if (at === -1) return { command, args }
  return { command, args: [...args.slice(0, at), ...args.slice(at + 3)], user: args[at + 1] ?? 'default' }
}

function hideAfter(args: readonly Word[], places: Readonly<Record<string, readonly number[]>>): Word[] {
  const hidden = new Set<number>()
  for (const [at, arg] of args.entries()) for (const offset of places[nameOf(arg)] ?? []) hidden.add(at + offset)
  return args.map((arg, at) => (hidden.has(at) ? '*' : arg))
}

function isSecretSetting(name: Word | undefined): boolean {
  return (
    typeof name === 'string' && /^(?:requirepass|masterauth|tls-key-file-pass|tls-client-key-file-pass)$/i.test(name)
  )
}

/** A tree as a request, when it is one. */
export function asRequest(value: Value | undefined): RedisRequest | undefined {
  if (!isTree(value) || typeof value['command'] !== 'string' || !Array.isArray(value['args'])) return undefined
  return (value['args'] as readonly Value[]).every((arg) => typeof arg === 'string' || arg instanceof Uint8Array)
    ? (value as RedisRequest)
    : undefined
}

/** The words of a request, without credentials. */
export function wordsOf(request: RedisRequest): Word[] {
  return [request.command, ...request.args]
}

/** The commands of a transaction, where a request has some. */
export function queuedOf(request: RedisRequest): readonly RedisRequest[] | undefined {
  const commands = request['commands']
  if (!Array.isArray(commands)) return undefined
  const requests = (commands as readonly Value[]).map((item) => asRequest(item))
  return requests.every((item) => item !== undefined) ? requests : undefined
}
