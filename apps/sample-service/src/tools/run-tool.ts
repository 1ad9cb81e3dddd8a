import type { ToolRequest, ToolResult } from '../events/tool-events.ts'
import { mayRun } from '../personas/persona.ts'
import { personas } from '../personas/personas.ts'
import type { Tool } from './tool.ts'

/** Runs the tool that a request names. Whatever goes wrong with the tool or its arguments is a result, too. */
export async function runTool(tools: ReadonlyMap<string, Tool>, request: ToolRequest): Promise<ToolResult> {
  const { event_id, tool_name, args, persona_id = null } = request
  const failed = (error: string, error_code: string, problems?: object): ToolResult => ({
    event_id,
    status: 'error',
    payload: { error, error_code, ...(problems && { problems }) },
  })

  const tool = tools.get(tool_name)
  if (!tool) return failed(`There is no tool ${tool_name}.`, 'TOOL_UNKNOWN')
  // Checked here, too, where tools run: whoever publishes a request cannot widen what a persona may do.
  if (!mayRun(personas, persona_id, tool_name)) {
    return failed(`${persona_id ?? 'A request without a persona'} may not run ${tool_name}.`, 'TOOL_FORBIDDEN')
  }
  const parsed = tool.args.safeParse(args)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({ path: ['args', ...path].join('.'), message }))
    return failed(`The arguments do not fit the tool ${tool_name}.`, 'TOOL_ARGUMENTS', problems)
  }
  try {
    const { session_id, caller } = request
    const context = { event_id, session_id, persona_id, caller }
    const payload = (await tool.run(parsed.data, context)) ?? null
    const ui_actions = tool.uiActions?.(parsed.data, payload) ?? []
    return { event_id, status: 'ok', payload, ...(ui_actions.length > 0 && { ui_actions }) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'TOOL_FAILED'
    return failed(error instanceof Error ? error.message : String(error), code)
  }
}
