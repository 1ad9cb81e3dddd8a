import type { PageType, Steering } from './steering.ts'

/** A tool as a model is told of it. */
export interface DescribedTool {
  name: string
  description: string
  /** A JSON Schema of an object. */
  parameters: object
}

const CALENDAR = ['list_appointments', 'create_appointment', 'cancel_appointment']
const GOALS_AND_TASKS = ['list_tasks', 'create_task', 'complete_task', 'list_goals', 'create_goal']
const WRITING = ['create_template', 'update_template', 'update_document', 'delete_document', 'validate_document']
const CONVERSING = ['create_conversation', 'send_message', 'search_messages', 'get_message', 'analyze_conversation']

/**
 * What a model is not told of on a page, because nobody asks for it there: a model chooses better among fewer tools. Looking
 * things up, and everything about clients, is offered everywhere.
 */
export const hiddenOn: Readonly<Record<PageType, readonly string[]>> = {
  dashboard: [],
  clients: WRITING,
  sessions: [...CALENDAR, ...CONVERSING],
  conversations: [...CALENDAR, ...GOALS_AND_TASKS, ...WRITING],
  templates: [...CALENDAR, ...GOALS_AND_TASKS, ...CONVERSING],
  documents: [...CALENDAR, ...GOALS_AND_TASKS, ...CONVERSING],
  calendar: [...WRITING, ...CONVERSING],
}

/** Where an argument that a model left out is taken from. Nothing that changes or deletes is among them. */
const template = ['get_template', 'generate_document', 'open_template']
const session = ['load_session', 'get_session_transcript', 'generate_document', 'open_session']
export const defaultedBy = { template_id: template, session_id: session } as const

/**
 * The arguments of a tool that follow from the user interface: the template that is selected, and the session that is
 * loaded, if it is one.
 *
 * @example
 * defaultsOf('get_template', { page_type: null, loaded_sessions: [], selected_template: 't1' }) // { template_id: 't1' }
 */
export function defaultsOf(tool_name: string, steering: Steering | null): Record<string, string> {
  if (!steering) return {}
  const { selected_template, loaded_sessions } = steering
  const [only, ...others] = loaded_sessions
  return {
    ...(selected_template !== null && template.includes(tool_name) && { template_id: selected_template }),
    ...(only !== undefined && others.length === 0 && session.includes(tool_name) && { session_id: only }),
  }
}

/**
 * The tools as the user interface makes them: without those that its page hides, and with its defaults, so that a model may
 * leave them out. This guides, it forbids nothing: what a persona may run is decided elsewhere.
 */
export function steerTools(tools: readonly DescribedTool[], steering: Steering | null): DescribedTool[] {
  const hidden = new Set(steering?.page_type ? hiddenOn[steering.page_type] : [])
  return tools
    .filter(({ name }) => !hidden.has(name))
    .map((tool) => {
      const defaults = defaultsOf(tool.name, steering)
      return Object.keys(defaults).length === 0
        ? tool
        : { ...tool, parameters: withDefaults(tool.parameters, defaults) }
    })
}

function withDefaults(schema: object, defaults: Record<string, string>): object {
  const {
    properties = {},
    required = [],
    ...rest
  } = schema as {
    properties?: Record<string, object>
    required?: string[]
  }
  const described = Object.entries(defaults).map(([name, value]) => [name, { ...properties[name], default: value }])
  return {
    ...rest,
    properties: { ...properties, ...(Object.fromEntries(described) as Record<string, object>) },
    required: required.filter((name) => !(name in defaults)),
  }
}

/** What an agent is told of the user interface; empty when there is nothing to tell. */
export function describeSteering(steering: Steering | null): string {
  if (!steering) return ''
  const { page_type, loaded_sessions, selected_template } = steering
  return [
    page_type === null ? '' : `The user looks at the page "${page_type}".`,
    loaded_sessions.length === 0 ? '' : `Loaded sessions: ${loaded_sessions.join(', ')}.`,
    selected_template === null ? '' : `Selected template: ${selected_template}.`,
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}
