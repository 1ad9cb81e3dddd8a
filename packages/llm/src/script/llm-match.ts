import { brief } from '../json.ts'
import type { LlmRequest } from './llm-request.ts'

/** A text that contains this, matches it, or that it says yes to. */
export type TextMatch = string | RegExp | ((text: string) => boolean)

/** Which requests a script answers. Every condition that is given has to hold. */
export interface LlmMatch {
  /** The model's name, whole, or an expression. */
  readonly model?: string | RegExp
  /** The text of any message, or of any input of an embedding. */
  readonly contains?: TextMatch
  /** The text of the last message. */
  readonly last?: TextMatch
  /** The text of a `system` or `developer` message, or the `instructions`. */
  readonly system?: TextMatch
  /** The text of a tool's result in the conversation. */
  readonly toolResult?: TextMatch
  /** Names of tools that are offered, all of them. */
  readonly tools?: readonly string[]
  /** Whether a stream is asked for. */
  readonly stream?: boolean
  /** The how-manieth request to this endpoint in this scope it is, from 1. */
  readonly nth?: number
  /** Anything else. */
  readonly when?: (request: LlmRequest) => boolean
}

/** Why a request is not one that was meant; nothing when it is. */
export function mismatches(request: LlmRequest, match: LlmMatch): string[] {
  const reasons: string[] = []
  const texts = (roles?: readonly string[]): string[] =>
    request.messages.filter(({ role }) => roles === undefined || roles.includes(role)).map(({ text }) => text)
  const { model, contains, last, system, toolResult, tools, stream, nth, when } = match
  if (model !== undefined && !fits(model, request.model ?? '', 'whole')) {
    reasons.push(`the model is ${request.model ?? '(none)'}, not ${show(model)}`)
  }
  if (contains !== undefined && !texts().some((text) => fits(contains, text))) {
    reasons.push(`no message ${verb(contains)}`)
  }
  if (last !== undefined && !fits(last, request.messages.at(-1)?.text ?? '')) {
    reasons.push(`the last message ("${brief(request.messages.at(-1)?.text ?? '', 60)}") does not: ${verb(last)}`)
  }
  if (system !== undefined && !texts(['system', 'developer']).some((text) => fits(system, text))) {
    reasons.push(`no system message ${verb(system)}`)
  }
  if (toolResult !== undefined && !texts(['tool']).some((text) => fits(toolResult, text))) {
    reasons.push(`no tool result ${verb(toolResult)}`)
  }
  const missing = tools?.filter((name) => !request.tools.includes(name)) ?? []
  if (missing.length > 0) {
    reasons.push(`the tools offered (${request.tools.join(', ') || 'none'}) lack ${missing.join(', ')}`)
  }
  if (stream !== undefined && stream !== request.stream) {
    reasons.push(stream ? 'no stream is asked for' : 'a stream is asked for')
  }
  if (nth !== undefined && nth !== request.nth) reasons.push(`it is request ${request.nth}, not ${nth}`)
  if (when !== undefined && !when(request)) reasons.push('`when` says no')
  return reasons
}

function fits(wanted: TextMatch, text: string, how: 'part' | 'whole' = 'part'): boolean {
  if (typeof wanted === 'string') return how === 'whole' ? text === wanted : text.includes(wanted)
  // A sticky or global expression remembers where it stopped, and would match every second request.
  return wanted instanceof RegExp
    ? new RegExp(wanted.source, wanted.flags.replace(/[gy]/g, '')).test(text)
    : wanted(text)
}

function verb(wanted: TextMatch): string {
  if (typeof wanted === 'string') return `contains "${brief(wanted, 60)}"`
  return wanted instanceof RegExp ? `matches ${String(wanted)}` : 'satisfies the condition'
}

function show(wanted: string | RegExp): string {
  return String(wanted)
}

/** The conditions in words. */
export function describeMatch(match: LlmMatch): string {
  return Object.entries(match)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${describeValue(value)}`)
    .join(', ')
}

function describeValue(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (value instanceof RegExp) return String(value)
  return JSON.stringify(typeof value === 'string' ? brief(value, 60) : value)
}
