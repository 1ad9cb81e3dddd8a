import type { CallContent, Value } from '@keploy-framework/format'

import { documentOf, type DiskMessage } from './disk-message.ts'
import type { Tree } from './message.ts'

const NAMES: Readonly<Record<number, string>> = {
  2001: 'OP_UPDATE',
  2002: 'OP_INSERT',
  2004: 'OP_QUERY',
  2005: 'OP_GET_MORE',
  2006: 'OP_DELETE',
  2007: 'OP_KILL_CURSORS',
}

/**
 * A call of an operation that servers dropped in version 6. Only old files have them: they are shown, and no mock server
 * answers them.
 */
export function legacyCall(
  asked: DiskMessage,
  answers: readonly DiskMessage[],
  lifetime: CallContent['lifetime'],
): CallContent | { readonly problem: string } {
  const operation = NAMES[asked.opcode]
  if (operation === undefined) return { problem: `spec.requests: nothing is known of the operation ${asked.opcode}` }
  const [answer] = answers
  return {
    protocol: 'mongodb',
    operation,
    request: { command: operation, database: databaseOf(asked.fields), body: withDocuments(asked.fields) },
    ...(answer !== undefined && { response: withDocuments(answer.fields) }),
    lifetime,
  }
}

function databaseOf(fields: Tree): string {
  const name = Object.entries(fields).find(([key]) => key.toLowerCase().replaceAll('_', '').includes('collection'))?.[1]
  return typeof name === 'string' ? (name.split('.')[0] as string) : ''
}

function withDocuments(fields: Tree): Tree {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]): [string, Value] => [
      key,
      Array.isArray(value) ? (value as readonly Value[]).map(documentOf) : documentOf(value),
    ]),
  )
}
