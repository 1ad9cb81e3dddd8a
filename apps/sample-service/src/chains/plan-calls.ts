import type { ToolResult } from '../events/tool-events.ts'
import type { ChatToolCall } from '../model/chat-model.ts'
import { mayRun } from '../personas/persona.ts'
import { personas } from '../personas/personas.ts'
import { defaultsOf } from '../ui-state/steer-tools.ts'
import { callIdOf, type Chain, type ChainCall } from './chain.ts'

/** How many tools a model may ask for at once. */
export const MAX_CALLS = 10

export interface PlannedCall extends ChainCall {
  args: Record<string, unknown>
}

/**
 * What is to be done with the tools that a model asks for. A call that cannot run has its result at once, which the model
 * is told like any other: what the persona does not have, arguments that are no JSON object, one call too many.
 */
export function planCalls(chain: Chain, calls: readonly ChatToolCall[]): PlannedCall[] {
  const { chain_id, session_id, step, persona_id, steering } = chain
  return calls.map(({ id, name, arguments: text }, position) => {
    const call_id = callIdOf(chain_id, step, position)
    const args = parseObject(text)
    const defaults = defaultsOf(name, steering)
    const refused = (error_code: string, error: string): ToolResult => ({
      event_id: call_id,
      status: 'error',
      payload: { error, error_code },
    })
    let result: ToolResult | null = null
    if (position >= MAX_CALLS) result = refused('TOO_MANY_CALLS', `At most ${MAX_CALLS} tools at once.`)
    else if (!mayRun(personas, persona_id, name)) {
      result = refused('TOOL_FORBIDDEN', `${persona_id} may not run ${name.slice(0, 100)}.`)
    } else if (!args) result = refused('TOOL_ARGUMENTS', 'The arguments are no JSON object.')
    const tool_name = name.slice(0, 100)
    return {
      call_id,
      chain_id,
      session_id,
      step,
      position,
      model_call_id: id,
      tool_name,
      args: { ...defaults, ...args },
      result,
    }
  })
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text === '' ? '{}' : text) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
