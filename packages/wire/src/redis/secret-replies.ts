import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'

const SECRET = /^(?:requirepass|masterauth|tls-key-file-pass|tls-client-key-file-pass)$/i

/** A reply without passwords: those that `CONFIG GET` tells are left empty. */
export function withoutSecrets(operation: string, reply: Value): Value {
  if (operation !== 'CONFIG GET') return reply
  if (Array.isArray(reply)) {
    const items = reply as readonly Value[]
    return items.map((item, at) => (at % 2 === 1 && isSecret(items[at - 1]) ? '' : item))
  }
  if (!isTree(reply) || !isTree(reply['map'])) return reply
  return {
    map: Object.fromEntries(Object.entries(reply['map']).map(([key, item]) => [key, isSecret(key) ? '' : item])),
  }
}

function isSecret(name: Value | undefined): boolean {
  return typeof name === 'string' && SECRET.test(name)
}
