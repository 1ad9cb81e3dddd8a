import { z } from 'zod'

import { path } from '../upstream/upstream.ts'
import { limit, text, upstreamId, upstreamTool } from './upstream-tool.ts'

const client = z.object({ client_id: upstreamId })

export const clientTools = [
  upstreamTool({
    name: 'search_clients',
    description: 'Finds clients by a part of their name or of what is known of them.',
    args: z.object({ query: text, limit }),
    request: ({ query, limit }) => ({ method: 'GET', path: '/clients', query: { search: query, limit } }),
  }),
  upstreamTool({
    name: 'list_clients',
    description: 'Lists clients, all of them or those with one status.',
    args: z.object({ status: z.enum(['active', 'closed']).optional(), limit }),
    request: (query) => ({ method: 'GET', path: '/clients', query }),
  }),
  upstreamTool({
    name: 'get_client',
    description: 'Reads one client.',
    args: client,
    request: ({ client_id }) => ({ method: 'GET', path: path`/clients/${client_id}` }),
  }),
  upstreamTool({
    name: 'get_client_summary',
    description: 'Reads the summary of a client.',
    args: client,
    request: ({ client_id }) => ({ method: 'GET', path: path`/clients/${client_id}/summary` }),
  }),
  upstreamTool({
    name: 'create_client',
    description: 'Creates a client.',
    args: z.object({ name: text, email: z.email().optional() }),
    request: (body) => ({ method: 'POST', path: '/clients', body }),
  }),
  upstreamTool({
    name: 'update_client',
    description: 'Changes the name, the address or the status of a client.',
    args: client.extend({
      name: text.optional(),
      email: z.email().optional(),
      status: z.enum(['active', 'closed']).optional(),
    }),
    request: ({ client_id, ...body }) => ({ method: 'PATCH', path: path`/clients/${client_id}`, body }),
  }),
  upstreamTool({
    name: 'get_client_sessions',
    description: 'Lists the sessions of a client.',
    args: client,
    request: ({ client_id }) => ({ method: 'GET', path: path`/clients/${client_id}/sessions` }),
  }),
  upstreamTool({
    name: 'get_client_conversations',
    description: 'Lists the conversations with a client.',
    args: client,
    request: ({ client_id }) => ({ method: 'GET', path: path`/clients/${client_id}/conversations` }),
  }),
  upstreamTool({
    name: 'get_client_documents',
    description: 'Lists the documents about a client.',
    args: client,
    request: ({ client_id }) => ({ method: 'GET', path: path`/clients/${client_id}/documents` }),
  }),
]
