import { createHash } from 'node:crypto'

import type { Value } from '@keploy-framework/format'

import { bytesOf } from '../protocol/value.ts'
import type { RedisRequest } from './command.ts'

const OK: Value = { status: 'OK' }

const ACCEPTED = new Set(
  'AUTH,SELECT,READONLY,READWRITE,ASKING,CLIENT SETNAME,CLIENT SETINFO,CLIENT NO-EVICT,CLIENT NO-TOUCH,CLIENT TRACKING,CLIENT CACHING,CLIENT REPLY,QUIT'.split(
    ',',
  ),
)

const INFO = [
  '# Server',
  'redis_version:7.0.15',
  'redis_mode:standalone',
  '# Persistence',
  'loading:0',
  '# Replication',
  'role:master',
  '# Cluster',
  'cluster_enabled:0',
  '',
].join('\r\n')

/**
 * What a server answers by itself, where nothing was recorded: to the commands with which drivers set a connection up and
 * watch it. Nothing for all others.
 */
export function ownAnswer(
  operation: string,
  request: RedisRequest,
  connection: { readonly version: 2 | 3; readonly name: string },
): Value | undefined {
  if (ACCEPTED.has(operation)) return OK
  switch (operation) {
    case 'HELLO': {
      const version = request.args[0] ?? String(connection.version)
      if (version !== '2' && version !== '3') return { error: 'NOPROTO unsupported protocol version' }
      return {
        map: {
          server: 'redis',
          version: '7.0.15',
          proto: Number(version),
          id: 1,
          mode: 'standalone',
          role: 'master',
          modules: [],
        },
      }
    }
    case 'RESET':
      return { status: 'RESET' }
    case 'PING':
      return request.args[0] ?? { status: 'PONG' }
    case 'ECHO':
      return request.args[0]
    case 'CLIENT ID':
      return 1
    case 'CLIENT GETNAME':
      return connection.name === '' ? null : connection.name
    case 'CLIENT INFO':
      return `id=1 name=${connection.name} db=0 resp=${connection.version}\n`
    case 'CLIENT MAINT_NOTIFICATIONS':
      return { error: "ERR unknown subcommand 'MAINT_NOTIFICATIONS'. Try CLIENT HELP." }
    case 'INFO':
      return INFO
    case 'ROLE':
      return ['master', 0, []]
    case 'COMMAND':
    case 'COMMAND INFO':
      return []
    case 'COMMAND DOCS':
      return { map: {} }
    case 'COMMAND COUNT':
      return 0
    case 'SCRIPT LOAD':
      return createHash('sha1')
        .update(bytesOf(request.args[1] ?? ''))
        .digest('hex')
    case 'SCRIPT EXISTS':
      return request.args.slice(1).map(() => 0)
    case 'UNSUBSCRIBE':
    case 'PUNSUBSCRIBE':
    case 'SUNSUBSCRIBE':
      return OK
    default:
      return undefined
  }
}
