import type { Value } from '@keploy-framework/format'

import { oneLine } from '../protocol/one-line.ts'
import { isTree } from '../protocol/value.ts'
import { asCommand, isHello, operationOf, without } from './command.ts'
import type { Tree } from './message.ts'

/** What a server waits for news when a client does not say how long. */
const DEFAULT_AWAIT_MS = 1000

/** What of a command has to be equal: all but how the driver sends it, and what follows from the kind of deployment. */
export function keyOfCommand(request: Value): Value {
  const command = asCommand(request)
  if (command === undefined) return request
  const operation = operationOf(command)
  if (isHello(command.command) || operation === 'endSessions') return { command: operation }
  // Which cursors are closed early depends on how fast the service reads.
  if (operation === 'killCursors') return { command: operation, database: command.database }
  return {
    command: operation,
    database: command.database,
    body: withPlainCounts(without(command.body, '$readPreference', 'maxTimeMS')),
    ...(command.unacknowledged === true && { unacknowledged: true }),
  }
}

/** Options that count documents, whose width (32 or 64 bits, or a double) is the driver's choice. */
const COUNTS = ['limit', 'skip', 'batchSize']

function withPlainCounts(body: Tree): Tree {
  const plain = COUNTS.flatMap((name) => {
    const value = body[name]
    const text = isTree(value) ? (value['$numberLong'] ?? value['$numberDouble']) : undefined
    const count = typeof text === 'string' && text !== '' ? Number(text) : Number.NaN
    return Number.isSafeInteger(count) ? [[name, count] as const] : []
  })
  return plain.length === 0 ? body : { ...body, ...Object.fromEntries(plain) }
}

/** Waiting on a cursor that stays open (a tailable one, a change stream) is answered with nothing new. */
export function idleAnswer(request: Value): { readonly response: Value; readonly afterMs: number } | undefined {
  const command = asCommand(request)
  if (command?.command !== 'getMore' || (request as Tree)['awaitsData'] !== true) return undefined
  const { getMore, collection, maxTimeMS } = command.body
  const wait = isTree(maxTimeMS) ? Number(maxTimeMS['$numberLong']) : Number(maxTimeMS ?? Number.NaN)
  return {
    response: {
      cursor: {
        nextBatch: [],
        id: getMore ?? 0,
        ns: `${command.database}.${typeof collection === 'string' ? collection : ''}`,
      },
      ok: { $numberDouble: '1.0' },
    },
    afterMs: wait >= 0 && wait < 3_600_000 ? wait : DEFAULT_AWAIT_MS,
  }
}

/** Whether a command opens a cursor that waits for what is not there yet. */
export function opensAwaitingCursor(request: Value): boolean {
  const command = asCommand(request)
  if (command === undefined) return false
  if (command.command === 'find') return command.body['tailable'] === true && command.body['awaitData'] === true
  const { pipeline } = command.body
  const first: Value | undefined = Array.isArray(pipeline) ? (pipeline as readonly Value[])[0] : undefined
  return command.command === 'aggregate' && isTree(first) && first['$changeStream'] !== undefined
}

/** The id of the cursor that an answer opens, as text. */
export function cursorIdOf(response: Value | undefined): string | undefined {
  const cursor = isTree(response) ? response['cursor'] : undefined
  return isTree(cursor) ? idText(cursor['id']) : undefined
}

/** The id of a cursor as text, however it is written. */
export function idText(id: Value | undefined): string | undefined {
  if (typeof id === 'number') return String(id)
  const text = isTree(id) ? id['$numberLong'] : undefined
  return typeof text === 'string' ? text : undefined
}

/** A command in one line: `find app.users {"filter":{"name":"Ada"}}`. */
export function describeCommand(request: Value): string {
  const command = asCommand(request)
  if (command === undefined) return 'nothing'
  const target = command.body[command.command === 'getMore' ? 'collection' : command.command]
  const on = typeof target === 'string' ? `${command.database}.${target}` : command.database
  const rest = JSON.stringify(without(command.body, command.command, 'collection', '$readPreference'))
  return oneLine(`${command.command} ${on}${rest === '{}' ? '' : ` ${rest}`}`)
}
