import { z } from 'zod'

import { path } from '../upstream/upstream.ts'
import { date, limit, text, upstreamId, upstreamTool } from './upstream-tool.ts'

const session = z.object({ session_id: upstreamId })

/** Sessions are those of practitioners with clients, not the chats of this platform. */
export const sessionTools = [
  upstreamTool({
    name: 'search_sessions',
    description: 'Finds sessions by a part of their title or of what was said.',
    args: z.object({ query: text, limit }),
    request: ({ query, limit }) => ({ method: 'GET', path: '/sessions', query: { search: query, limit } }),
  }),
  upstreamTool({
    name: 'list_sessions',
    description: 'Lists sessions, all of them or those of one day.',
    args: z.object({ date: date.optional(), limit }),
    request: (query) => ({ method: 'GET', path: '/sessions', query }),
  }),
  upstreamTool({
    name: 'load_session',
    description: 'Reads one session with its transcript.',
    args: session,
    request: ({ session_id }) => ({ method: 'GET', path: path`/sessions/${session_id}` }),
  }),
  upstreamTool({
    name: 'get_session_transcript',
    description: 'Reads what was said in a session.',
    args: session,
    request: ({ session_id }) => ({ method: 'GET', path: path`/sessions/${session_id}/transcript` }),
  }),
  upstreamTool({
    name: 'create_session',
    description: 'Creates a session with a client.',
    args: z.object({ client_id: upstreamId, title: text, date }),
    request: (body) => ({ method: 'POST', path: '/sessions', body: { ...body, transcript: [] } }),
  }),
  upstreamTool({
    name: 'update_session',
    description: 'Changes the title or the date of a session.',
    args: session.extend({ title: text.optional(), date: date.optional() }),
    request: ({ session_id, ...body }) => ({ method: 'PATCH', path: path`/sessions/${session_id}`, body }),
  }),
]
