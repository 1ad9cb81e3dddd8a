import type { z } from 'zod'

import type { WantedUiAction } from '../ui-state/ui-action.ts'
import type { Caller } from '../upstream/caller.ts'

export interface ToolContext {
  /** The id of the request. A tool with effects of its own uses it to do them once: it may be run again after a crash. */
  event_id: string
  session_id: string | undefined
  persona_id: string | null
  /** For whom it runs. Undefined when nobody is signed in. */
  caller?: Caller | undefined
}

/** Something that an assistant can have done. What `run` throws becomes the result `error`. */
export interface Tool {
  readonly name: string
  readonly description: string
  readonly args: z.ZodType
  run(args: unknown, context: ToolContext): Promise<unknown>
  /** What the user interface is to do when this was done; `payload` is what `run` resolved with. Default: nothing. */
  uiActions?(args: unknown, payload: unknown): WantedUiAction[]
}

/**
 * Declares a tool; `run` gets what the schema of its arguments made of them.
 *
 * @example
 * const add = defineTool({
 *   name: 'add',
 *   description: 'Adds two numbers.',
 *   args: z.object({ a: z.number(), b: z.number() }),
 *   run: async ({ a, b }) => ({ sum: a + b }),
 * })
 */
export function defineTool<Args extends z.ZodType>(tool: {
  name: string
  description: string
  args: Args
  run(args: z.output<Args>, context: ToolContext): Promise<unknown>
  uiActions?: ((args: z.output<Args>, payload: unknown) => WantedUiAction[]) | undefined
}): Tool {
  const { uiActions } = tool
  return {
    ...tool,
    run: (args, context) => tool.run(args as z.output<Args>, context),
    uiActions: (args, payload) => uiActions?.(args as z.output<Args>, payload) ?? [],
  }
}
