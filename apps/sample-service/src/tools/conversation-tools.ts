import { z } from 'zod'

import { path } from '../upstream/upstream.ts'
import { limit, text, upstreamId, upstreamTool } from './upstream-tool.ts'

const conversation = z.object({ conversation_id: upstreamId })

export const conversationTools = [
  upstreamTool({
    name: 'search_conversations',
    description: 'Finds conversations by a part of their title.',
    args: z.object({ query: text, limit }),
    request: ({ query, limit }) => ({ method: 'GET', path: '/conversations', query: { search: query, limit } }),
  }),
  upstreamTool({
    name: 'list_conversations',
    description: 'Lists conversations.',
    args: z.object({ limit }),
    request: (query) => ({ method: 'GET', path: '/conversations', query }),
  }),
  upstreamTool({
    name: 'get_conversation',
    description: 'Reads one conversation, without its messages.',
    args: conversation,
    request: ({ conversation_id }) => ({ method: 'GET', path: path`/conversations/${conversation_id}` }),
  }),
  upstreamTool({
    name: 'get_conversation_messages',
    description: 'Lists the messages of a conversation.',
    args: conversation,
    request: ({ conversation_id }) => ({ method: 'GET', path: path`/conversations/${conversation_id}/messages` }),
  }),
  upstreamTool({
    name: 'create_conversation',
    description: 'Begins a conversation with a client.',
    args: z.object({ client_id: upstreamId, title: text }),
    request: (body) => ({ method: 'POST', path: '/conversations', body }),
  }),
  upstreamTool({
    name: 'search_messages',
    description: 'Finds messages of all conversations by a part of their text.',
    args: z.object({ query: text, limit }),
    request: ({ query, limit }) => ({ method: 'GET', path: '/messages', query: { search: query, limit } }),
  }),
  upstreamTool({
    name: 'get_message',
    description: 'Reads one message.',
    args: z.object({ message_id: upstreamId }),
    request: ({ message_id }) => ({ method: 'GET', path: path`/messages/${message_id}` }),
  }),
  upstreamTool({
    name: 'send_message',
    description: 'Sends a message of the practitioner into a conversation.',
    args: conversation.extend({ text }),
    request: (body) => ({ method: 'POST', path: '/messages', body: { ...body, from: 'practitioner' } }),
  }),
]
