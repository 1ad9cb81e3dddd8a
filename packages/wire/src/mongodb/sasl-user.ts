import { isTree } from '../protocol/value.ts'
import type { Tree } from './message.ts'

/** The bytes of a field that holds binary data. */
export function binaryOf(tree: Tree, field: string): Buffer | undefined {
  const value = tree[field]
  const binary = isTree(value) ? value['$binary'] : undefined
  const base64 = isTree(binary) ? binary['base64'] : undefined
  return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined
}

/** Bytes as a field that holds binary data. */
export function binaryField(bytes: Uint8Array): Tree {
  return { $binary: { base64: Buffer.from(bytes).toString('base64'), subType: '00' } }
}

/** Who logs in with a `saslStart`: the first message of SCRAM and of PLAIN has the name in plain text. */
export function saslUser(start: Tree): string | undefined {
  const { mechanism } = start
  const payload = binaryOf(start, 'payload')?.toString('utf8')
  if (payload === undefined || typeof mechanism !== 'string') return undefined
  if (mechanism.startsWith('SCRAM-')) {
    return /(?:^|,)n=([^,]*)/.exec(payload)?.[1]?.replaceAll('=2C', ',').replaceAll('=3D', '=')
  }
  return mechanism === 'PLAIN' ? payload.split('\0')[1] : undefined
}
