import { z } from 'zod'

import { path } from '../upstream/upstream.ts'
import { upstreamId, upstreamTool } from './upstream-tool.ts'

/** Tools that show something to the user. Each reads what it shows, so that nothing is opened that the user may not see. */
export const screenTools = [
  upstreamTool({
    name: 'open_template',
    description: 'Opens a template on the screen of the user, and reads it.',
    args: z.object({ template_id: upstreamId }),
    request: ({ template_id }) => ({ method: 'GET', path: path`/templates/${template_id}` }),
    uiActions: (args) => [{ action: 'open_template', args }],
  }),
  upstreamTool({
    name: 'open_session',
    description: 'Opens a session on the screen of the user, and reads it.',
    args: z.object({ session_id: upstreamId }),
    request: ({ session_id }) => ({ method: 'GET', path: path`/sessions/${session_id}` }),
    uiActions: (args) => [{ action: 'open_session', args }],
  }),
  upstreamTool({
    name: 'show_document',
    description: 'Shows a document on the screen of the user, and reads it.',
    args: z.object({ document_id: upstreamId }),
    request: ({ document_id }) => ({ method: 'GET', path: path`/documents/${document_id}` }),
    uiActions: (args) => [{ action: 'show_document', args }],
  }),
]
