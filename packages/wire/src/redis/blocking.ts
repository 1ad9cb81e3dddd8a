import type { Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'
import type { Word } from './command-parser.ts'
import { asRequest } from './command.ts'

const NULL_ARRAY: Value = { nil: 'array' }

/** Where a command says how long it waits: `seconds` or `ms`, and what it gives when nothing came. */
const BLOCKING: Readonly<
  Record<string, { readonly at: 'first' | 'second' | 'last'; readonly unit: number; readonly response: Value }>
> = {
  BLPOP: { at: 'last', unit: 1000, response: NULL_ARRAY },
  BRPOP: { at: 'last', unit: 1000, response: NULL_ARRAY },
  BLMOVE: { at: 'last', unit: 1000, response: null },
  BRPOPLPUSH: { at: 'last', unit: 1000, response: null },
  BLMPOP: { at: 'first', unit: 1000, response: NULL_ARRAY },
  BZPOPMIN: { at: 'last', unit: 1000, response: NULL_ARRAY },
  BZPOPMAX: { at: 'last', unit: 1000, response: NULL_ARRAY },
  BZMPOP: { at: 'first', unit: 1000, response: NULL_ARRAY },
  WAIT: { at: 'second', unit: 1, response: 0 },
  WAITAOF: { at: 'last', unit: 1, response: [0, 0] },
}

const WAITING = new Set([...Object.keys(BLOCKING), 'XREAD', 'XREADGROUP'])

/**
 * How a command that waits for news is answered when there are none, and after how long; `Infinity` for one that waits for
 * ever. Nothing for commands that do not wait, or do not say for how long.
 */
export function idleOf(value: Value): { readonly response: Value; readonly afterMs: number } | undefined {
  if (!isTree(value) || typeof value['command'] !== 'string') return undefined
  const operation = value['command'].toUpperCase()
  // Asked of every command, and few wait.
  if (!WAITING.has(operation)) return undefined
  const request = asRequest(value)
  if (request === undefined) return undefined
  const { args } = request
  if (operation === 'XREAD' || operation === 'XREADGROUP') {
    const at = args.findIndex((arg) => typeof arg === 'string' && /^(?:block|streams)$/i.test(arg))
    if (at === -1 || String(args[at]).toUpperCase() === 'STREAMS') return undefined
    return timed(args[at + 1], 1, NULL_ARRAY)
  }
  const blocking = BLOCKING[operation]
  if (blocking === undefined) return undefined
  const timeout = blocking.at === 'first' ? args[0] : blocking.at === 'second' ? args[1] : args.at(-1)
  return timed(timeout, blocking.unit, blocking.response)
}

function timed(
  timeout: Word | undefined,
  unit: number,
  response: Value,
): { response: Value; afterMs: number } | undefined {
  const amount = typeof timeout === 'string' && timeout !== '' ? Number(timeout) : NaN
  if (!(amount >= 0)) return undefined
  return { response, afterMs: amount === 0 ? Number.POSITIVE_INFINITY : amount * unit }
}
