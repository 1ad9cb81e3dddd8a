import type { Value } from '@keploy-framework/format'

import type { Word } from './command-parser.ts'
import { asRequest } from './command.ts'

const LIMIT = 200

/** A request in one line, as `redis-cli` takes it: `HSET user:1 name "Ada L."`. At most 200 characters. */
export function describe(value: Value): string {
  const request = asRequest(value)
  if (request === undefined) return value === null ? 'nothing' : 'something that is no command'
  let line = showCommand(request.command, request.args)
  const queued = request['commands']
  if (Array.isArray(queued)) {
    const inner = (queued as readonly Value[]).slice(0, 20).flatMap((item) => {
      const command = asRequest(item)
      return command === undefined ? [] : [showCommand(command.command, command.args)]
    })
    line = ['MULTI', ...inner, line].join('; ')
  }
  if (typeof request['user'] === 'string') line += ` (as ${show(request['user'])})`
  const database = typeof request['db'] === 'number' ? ` (db ${request['db']})` : ''
  const room = LIMIT - database.length
  return (line.length > room ? `${line.slice(0, room - 1)}…` : line) + database
}

function showCommand(command: string, args: readonly Word[]): string {
  return [show(command), ...args.slice(0, LIMIT / 2).map((arg) => show(arg))].join(' ')
}

function show(word: Word): string {
  if (typeof word !== 'string') return `<${word.length} bytes>`
  const text = word.slice(0, LIMIT)
  return /^[\w!#$%&()*+,./:;<=>?@[\]^`{|}~-]+$/.test(text) ? text : JSON.stringify(text)
}
