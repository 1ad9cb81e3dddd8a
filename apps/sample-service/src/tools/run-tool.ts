import type { ToolRequest, ToolResult } from '../events/tool-events.ts'
import type { Tool } from './tool.ts'

/** Runs the tool that a request names. Whatever goes wrong with the tool or its arguments is a result, too. */
export async function runTool(tools: ReadonlyMap<string, Tool>, request: ToolRequest): Promise<ToolResult> {
  const { event_id, tool_name, args } = request
  const failed = (error: string, problems?: object): ToolResult => ({
    event_id,
    status: 'error',
    payload: { error, ...(problems && { problems }) },
  })

  const tool = tools.get(tool_name)
  if (!tool) return failed(`There is no tool ${tool_name}.`)
  const parsed = tool.args.safeParse(args)
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({ path: ['args', ...path].join('.'), message }))
    return failed(`The arguments do not fit the tool ${tool_name}.`, problems)
  }
  try {
    const context = { event_id, session_id: request.session_id, persona_id: request.persona_id ?? null }
    return { event_id, status: 'ok', payload: (await tool.run(parsed.data, context)) ?? null }
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error))
  }
}
