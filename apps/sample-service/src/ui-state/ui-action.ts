/** What a tool would like the user interface to do. */
export interface WantedUiAction {
  action: 'open_template' | 'open_session' | 'show_document'
  args: Record<string, string>
}

/** One of them on its way to the user interface: after the chain is completed, in the order of the tools. */
export interface UiAction extends WantedUiAction {
  type: 'ui_action'
  event_id: string
  session_id: string
  chain_id: string
  /** Which persona's tool it came from. */
  agent: string
  call_id: string
  /** Its place among the actions of the chain, from 0 on. */
  position: number
}

/** How a wanted action looks within a result of a tool. */
export const wantedUiActionsSchema = {
  type: 'array',
  maxItems: 10,
  items: {
    type: 'object',
    required: ['action', 'args'],
    properties: {
      action: { type: 'string', enum: ['open_template', 'open_session', 'show_document'] },
      args: { type: 'object' },
    },
  },
} as const
