import { differences } from '../cassette/nearest.ts'
import type { LlmFault, StatusFault, TransportFault } from '../faults/faults.ts'
import { brief, isObject } from '../json.ts'
import { LlmError } from '../llm-error.ts'
import type { StepRules } from '../script/script-book.ts'

/** A request to a REST upstream. */
export interface RestRequest {
  /** Its number in its scope, from 1. */
  readonly number: number
  readonly method: string
  /** Without scope and query. */
  readonly path: string
  /** What the route's `:names` stand for. */
  readonly params: Readonly<Record<string, string>>
  /** Of a name that stands several times, all values. */
  readonly query: Readonly<Record<string, string | readonly string[]>>
  /** Names in lower case; values of headers that carry keys are replaced by `***`. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON, else the text. */
  readonly body: unknown
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly status?: number
  readonly outcome?: 'answered' | 'faulted' | 'unscripted' | 'rejected' | 'gone'
}

/** Which requests to a route a step answers. Every condition that is given has to hold. */
export interface RestMatch {
  readonly query?: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>>
  /** Fields that the JSON body has to have, with these values. */
  readonly body?: Readonly<Record<string, unknown>>
  readonly when?: (request: RestRequest) => boolean
}

/** What a REST upstream answers. */
export interface RestReply {
  /** Default: 200. */
  readonly status?: number
  /** A value whose JSON is the body. */
  readonly json?: unknown
  /** The body as it stands. Default: none. */
  readonly body?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  /** Milliseconds until the answer. Default: 0. */
  readonly delayMs?: number
}

/** What can go wrong with a REST upstream. */
export type RestFault = StatusFault | TransportFault

/** A step of a route: an answer, something that makes one of the request, or a fault. */
export type RestStep =
  | (RestReply & { readonly match?: RestMatch; readonly fault?: RestFault })
  | ((request: RestRequest) => RestReply | Promise<RestReply>)
  | RestFault

/** A step in its long form. */
export interface LongRestStep {
  readonly match?: RestMatch
  readonly fault?: RestFault
  readonly reply: RestReply | ((request: RestRequest) => RestReply | Promise<RestReply>)
}

/** Any step in its long form. */
export function longRestStep(step: RestStep): LongRestStep {
  if (typeof step === 'function') return { reply: step }
  if ('fault' in step && typeof step.fault === 'string') return { fault: step, reply: {} }
  const { match, fault, ...reply } = step
  return { ...(match === undefined ? {} : { match }), ...(fault === undefined ? {} : { fault }), reply }
}

const known = new Set(['match', 'fault', 'status', 'json', 'body', 'headers', 'delayMs'])

/** How the steps of routes are matched and described. */
export const restRules: StepRules<RestRequest, RestStep> = {
  mismatches: (request, step) => restMismatches(request, longRestStep(step).match ?? {}),
  conditions: (step) => Object.keys(longRestStep(step).match ?? {}).length,
  describe: (step) => {
    const { match, fault, reply } = longRestStep(step)
    const answer =
      fault !== undefined
        ? `faults.${fault.fault}${fault.fault === 'status' ? `(${fault.status})` : '()'}`
        : typeof reply === 'function'
          ? 'a function'
          : brief(JSON.stringify(reply), 80)
    return match === undefined ? answer : `${brief(JSON.stringify(match), 80)} → ${answer}`
  },
  check: (step) => {
    const fault = isObject(step) && typeof step['fault'] === 'string'
    const strange = isObject(step) && !fault ? Object.keys(step).filter((key) => !known.has(key)) : []
    if (typeof step === 'function' || (isObject(step) && strange.length === 0 && !isModelFault(step))) return
    throw new LlmError(
      'KEPLOY_LLM_OPTION',
      `A route's step is { status, json, body, headers, delayMs, match, fault }, a function, or a fault of the connection; ` +
        `this is ${brief(JSON.stringify(step) ?? typeof step)}.`,
    )
  },
}

function isModelFault(step: unknown): boolean {
  const { fault } = step as { fault?: unknown }
  const name = (isObject(fault) ? fault['fault'] : fault) as LlmFault['fault'] | undefined
  return name === 'contentFilter' || name === 'empty'
}

function restMismatches(request: RestRequest, match: RestMatch): string[] {
  const reasons: string[] = []
  for (const part of ['query', 'headers'] as const) {
    for (const [name, wanted] of Object.entries(match[part] ?? {})) {
      const found = request[part][name]
      if (found !== wanted) reasons.push(`${part} ${name} is ${JSON.stringify(found) ?? 'not there'}, not "${wanted}"`)
    }
  }
  for (const [name, wanted] of Object.entries(match.body ?? {})) {
    const found = isObject(request.body) ? request.body[name] : undefined
    reasons.push(...differences(wanted, found, name).map((line) => line.replace(': recorded ', ': wanted ')))
  }
  if (match.when !== undefined && !match.when(request)) reasons.push('`when` says no')
  return reasons
}
