import type { Value } from '@keploy-framework/format'

import { textOrBytes } from '../protocol/value.ts'
import { ByteCursor } from './byte-cursor.ts'
import { ByteWriter } from './byte-writer.ts'
import { capability, has } from './capabilities.ts'

/** What a server says first (Protocol::HandshakeV10), without its salt. */
export interface Greeting {
  readonly version: string
  readonly connection: number
  readonly capabilities: bigint
  readonly charset: number
  readonly status: number
  readonly plugin: string
}

export function decodeGreeting(payload: Buffer): Greeting {
  const cursor = new ByteCursor(payload)
  cursor.uint(1)
  const version = cursor.zeroEnded().toString('latin1')
  const connection = cursor.uint(4)
  cursor.take(9)
  let capabilities = BigInt(cursor.uint(2))
  if (cursor.left === 0) return { version, connection, capabilities, charset: 0, status: 2, plugin: '' }
  const charset = cursor.uint(1)
  const status = cursor.uint(2)
  capabilities |= BigInt(cursor.uint(2)) << 16n
  const saltLength = cursor.uint(1)
  const reserved = cursor.take(10)
  if (!has(capabilities, capability.mysql)) capabilities |= BigInt(reserved.readUInt32LE(6)) << 32n
  if (has(capabilities, capability.secureConnection)) cursor.take(Math.min(cursor.left, Math.max(13, saltLength - 8)))
  const plugin = has(capabilities, capability.pluginAuth) ? cursor.zeroEnded().toString('latin1') : ''
  return { version, connection, capabilities, charset, status, plugin }
}

export function encodeGreeting(greeting: Greeting, salt: Uint8Array): Buffer {
  const { capabilities } = greeting
  const extended = has(capabilities, capability.mysql) ? 0n : capabilities >> 32n
  const writer = new ByteWriter()
    .uint(10, 1)
    .raw(Buffer.from(`${greeting.version}\0`, 'latin1'))
    .uint(greeting.connection, 4)
    .raw(salt.subarray(0, 8))
    .uint(0, 1)
    .uint(Number(capabilities & 0xffffn), 2)
    .uint(greeting.charset, 1)
    .uint(greeting.status, 2)
    .uint(Number((capabilities >> 16n) & 0xffffn), 2)
    .uint(has(capabilities, capability.pluginAuth) ? 21 : 0, 1)
    .uint(0, 6)
    .uint(Number(extended & 0xffffffffn), 4)
    .raw(salt.subarray(8, 20))
    .uint(0, 1)
  if (has(capabilities, capability.pluginAuth)) writer.raw(Buffer.from(`${greeting.plugin}\0`, 'latin1'))
  return writer.bytes()
}

/** What a client answers (Protocol::HandshakeResponse41). Of the password there is only whether one was given. */
export interface Login {
  readonly capabilities: bigint
  readonly maxPacket: number
  readonly charset: number
  readonly user: Value
  readonly database?: Value
  readonly plugin: string
  readonly attributes?: { readonly [name: string]: Value }
  readonly hasPassword: boolean
}

/** The length of an SSLRequest: the beginning of a login, up to the name of the user. */
export const SSL_REQUEST = 32

export function isSslRequest(payload: Buffer): boolean {
  return payload.length === SSL_REQUEST && (payload.readUInt32LE(0) & Number(capability.ssl)) !== 0
}

export function decodeLogin(payload: Buffer): Login {
  const cursor = new ByteCursor(payload)
  let capabilities = BigInt(cursor.uint(2))
  if (!has(capabilities, capability.protocol41)) {
    const maxPacket = cursor.uint(3)
    const user = textOrBytes(cursor.zeroEnded())
    return { capabilities, maxPacket, charset: 0, user, plugin: '', hasPassword: cursor.left > 0 }
  }
  capabilities |= BigInt(cursor.uint(2)) << 16n
  const maxPacket = cursor.uint(4)
  const charset = cursor.uint(1)
  const filler = cursor.take(23)
  if (!has(capabilities, capability.mysql)) capabilities |= BigInt(filler.readUInt32LE(19)) << 32n
  const user = textOrBytes(cursor.zeroEnded())
  return { capabilities, maxPacket, charset, user, ...decodeLoginEnd(cursor, capabilities) }
}

/** What follows the name of the user, in a login. */
function decodeLoginEnd(
  cursor: ByteCursor,
  capabilities: bigint,
): Pick<Login, 'database' | 'plugin' | 'attributes' | 'hasPassword'> {
  let hasPassword: boolean
  if (has(capabilities, capability.lengthEncodedAuth)) hasPassword = cursor.string().length > 0
  else if (has(capabilities, capability.secureConnection)) hasPassword = cursor.take(cursor.uint(1)).length > 0
  else hasPassword = cursor.zeroEnded().length > 0
  const database = has(capabilities, capability.connectWithDb) && cursor.left > 0 ? cursor.zeroEnded() : undefined
  const plugin = has(capabilities, capability.pluginAuth) ? cursor.zeroEnded().toString('latin1') : ''
  const attributes = has(capabilities, capability.connectAttributes) ? decodeAttributes(cursor) : undefined
  return {
    ...(database !== undefined && database.length > 0 && { database: textOrBytes(database) }),
    plugin,
    ...(attributes !== undefined && { attributes }),
    hasPassword,
  }
}

/** COM_CHANGE_USER, after its first byte. */
export function decodeChangeUser(payload: Buffer, capabilities: bigint): Omit<Login, 'maxPacket'> {
  const cursor = new ByteCursor(payload.subarray(1))
  const user = textOrBytes(cursor.zeroEnded())
  const secure = has(capabilities, capability.secureConnection)
  const hasPassword = (secure ? cursor.take(cursor.uint(1)) : cursor.zeroEnded()).length > 0
  const database = cursor.zeroEnded()
  const charset = cursor.left >= 2 ? cursor.uint(2) : 0
  const plugin = has(capabilities, capability.pluginAuth) ? cursor.zeroEnded().toString('latin1') : ''
  const attributes = has(capabilities, capability.connectAttributes) ? decodeAttributes(cursor) : undefined
  return {
    capabilities,
    user,
    hasPassword,
    ...(database.length > 0 && { database: textOrBytes(database) }),
    charset,
    plugin,
    ...(attributes !== undefined && { attributes }),
  }
}

function decodeAttributes(cursor: ByteCursor): { readonly [name: string]: Value } | undefined {
  if (cursor.left === 0) return undefined
  const pairs = new ByteCursor(cursor.string())
  const attributes: [string, Value][] = []
  while (pairs.left > 0) attributes.push([pairs.string().toString('utf8'), textOrBytes(pairs.string())])
  return Object.fromEntries(attributes)
}
