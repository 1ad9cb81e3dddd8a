import { Cursor } from './bytes.ts'

/** The first message of a client. */
export type Startup =
  | { readonly type: 'ssl' }
  | { readonly type: 'gss' }
  | { readonly type: 'cancel' }
  | {
      readonly type: 'startup'
      readonly minor: number
      readonly user: string
      readonly database: string
      /** All others. */
      readonly parameters: { readonly [name: string]: string }
    }

/** Reads the first message of a client; nothing where it is none. */
export function readStartup(body: Buffer): Startup | undefined {
  const cursor = new Cursor(body)
  const code = cursor.int32()
  if (code === 80_877_103 && body.length === 4) return { type: 'ssl' }
  if (code === 80_877_104 && body.length === 4) return { type: 'gss' }
  if (code === 80_877_102) return { type: 'cancel' }
  if (code >>> 16 !== 3) return undefined
  const parameters: [string, string][] = []
  while (cursor.left > 1 && !cursor.broken) parameters.push([cursor.text(), cursor.text()])
  if (cursor.broken || cursor.byte() !== 0) return undefined
  const all = new Map(parameters)
  const user = all.get('user') ?? ''
  const rest = parameters.filter(([name]) => name !== 'user' && name !== 'database')
  return {
    type: 'startup',
    minor: code & 0xffff,
    user,
    database: all.get('database') ?? user,
    parameters: Object.fromEntries(rest),
  }
}

/** Whether a connection is one for replication, which speaks another language. */
export function isReplication(parameters: { readonly [name: string]: string }): boolean {
  const value = Object.hasOwn(parameters, 'replication') ? parameters['replication'] : undefined
  return value !== undefined && !/^(?:off|false|no|0)$/i.test(value)
}

/** The first half of the codes that ask for encryption, or to cancel: https://www.postgresql.org/docs/15/protocol-message-formats.html */
const ENCRYPTION = 1234

/** Whether a connection begins as one of Postgres does. */
export function detectPostgres(first: Uint8Array): 'yes' | 'no' | 'more' {
  const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
  if (bytes.length < 8) {
    return bytes.subarray(0, 2).every((byte) => byte === 0) && (bytes.length < 5 || bytes[4] === 0 || bytes[4] === 4)
      ? 'more'
      : 'no'
  }
  const length = bytes.readUInt32BE(0)
  const code = bytes.readUInt32BE(4)
  if (code === 80_877_103 || code === 80_877_104) return length === 8 ? 'yes' : 'no'
  if (code === 80_877_102) return length >= 16 && length <= 280 ? 'yes' : 'no'
  return code >>> 16 === 3 && (code & 0xffff) <= 9999 && length >= 9 && length <= 10_000 ? 'yes' : 'no'
}

/** The same for what is said to be one, of any version: 2 logged in with passwords too. */
export function detectAnyPostgres(first: Uint8Array): 'yes' | 'no' | 'more' {
  const bytes = Buffer.from(first.buffer, first.byteOffset, first.byteLength)
  if (bytes.length < 8) return detectPostgres(first)
  const length = bytes.readUInt32BE(0)
  return length >= 8 && length <= 10_000 && [2, 3, ENCRYPTION].includes(bytes.readUInt16BE(4)) ? 'yes' : 'no'
}

/** Whether a server begins as one that cannot serve anybody: with an error, before it has read anything. */
export function detectPostgresError(first: Uint8Array): 'yes' | 'no' | 'more' {
  const begin = [0x45, 0, 0]
  if (begin.some((byte, at) => at < first.length && first[at] !== byte)) return 'no'
  if (first.length < 6) return 'more'
  return first[5] === 0x53 ? 'yes' : 'no'
}
