import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'

/** What of a request has to be equal: all of it, with the name of the command in any case. */
export function matchKey(request: Value): Value {
  if (!isTree(request) || typeof request['command'] !== 'string') return request
  const command = request['command'].toUpperCase()
  const queued = request['commands']
  return Array.isArray(queued)
    ? { ...request, command, commands: (queued as readonly Value[]).map((item) => matchKey(item)) }
    : { ...request, command }
}
