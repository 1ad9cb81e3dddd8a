import type { Value } from '@keploy-framework/format'

import type { MockAnswer, MockMiss, MockServerOptions } from '../protocol/mock-server.ts'
import { isTree } from '../protocol/value.ts'
import { ByteWriter } from './byte-writer.ts'
import { capability } from './capabilities.ts'
import type { Greeting } from './handshake.ts'
import { numberOf, statusOf } from './outcome.ts'

const NATIVE = 'mysql_native_password'
const CACHING = 'caching_sha2_password'

/** A salt. It is the same for all, as every password is taken. */
export const SALT: Buffer = Buffer.from('keploy-framework-mck', 'latin1')

/** What is never offered, so that clients do without it: compression, and results without their columns. */
const NOT_OFFERED = capability.compress | capability.zstd | capability.optionalMetadata

/** What a server of today offers, for when nothing was recorded. */
const USUAL: Greeting = {
  version: '8.0.36',
  connection: 1,
  capabilities: 0xdfffffffn,
  charset: 255,
  status: 2,
  plugin: NATIVE,
}

/** The greeting: that of the recorded server, where one is known. */
export function greetingOf(recorded: MockServerOptions['recorded']): Greeting {
  for (const { response } of recorded('connect')) {
    const server = isTree(response) ? response['server'] : undefined
    if (!isTree(server)) continue
    const { version, capabilities, charset, plugin } = server
    const offered =
      typeof capabilities === 'number' && capabilities > 0 ? BigInt(Math.trunc(capabilities)) : USUAL.capabilities
    return {
      version: typeof version === 'string' ? version : USUAL.version,
      connection: 1,
      capabilities: (offered | capability.protocol41) & ~NOT_OFFERED,
      charset: numberOf(charset) & 0xff,
      status: statusOf(server),
      plugin: typeof plugin === 'string' && plugin !== '' ? plugin : NATIVE,
    }
  }
  return { ...USUAL, capabilities: USUAL.capabilities & ~NOT_OFFERED }
}

/** The plugin that the server asks a client to use in place of its own; nothing when its own will do. */
export function switchFor(plugin: string, answer: MockAnswer | MockMiss): string | undefined {
  const response: Value | undefined = answer.type === 'answer' ? answer.response : undefined
  const recorded = isTree(response) ? response['switchedTo'] : undefined
  if ((recorded === NATIVE || recorded === CACHING) && recorded !== plugin) return recorded
  return plugin === '' || plugin === NATIVE || plugin === CACHING || plugin === 'mysql_clear_password'
    ? undefined
    : NATIVE
}

export function encodeSwitch(plugin: string): Buffer {
  return new ByteWriter().uint(0xfe, 1).zeroEnded(plugin).raw(SALT).uint(0, 1).bytes()
}

/** Whether a plugin wants to hear that the password was right before the server goes on. */
export function confirms(plugin: string, hasPassword: boolean): boolean {
  return plugin === CACHING && hasPassword
}

/** "The password was in the cache", of caching_sha2_password. */
export const FAST_AUTH: Buffer = Buffer.from([1, 3])
