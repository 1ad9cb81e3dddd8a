import { z } from 'zod'

import type { WantedUiAction } from '../ui-state/ui-action.ts'
import { path } from '../upstream/upstream.ts'
import { limit, text, upstreamId, upstreamTool } from './upstream-tool.ts'

const template = z.object({ template_id: upstreamId })
const document = z.object({ document_id: upstreamId })
const kind = z.enum(['note', 'letter'])

const showDocument = (document_id: unknown): WantedUiAction[] =>
  typeof document_id === 'string' ? [{ action: 'show_document', args: { document_id } }] : []

export const documentTools = [
  upstreamTool({
    name: 'search_templates',
    description: 'Finds templates by a part of their name or text.',
    args: z.object({ query: text, limit }),
    request: ({ query, limit }) => ({ method: 'GET', path: '/templates', query: { search: query, limit } }),
  }),
  upstreamTool({
    name: 'get_templates',
    description: 'Lists templates, all of them or those of one kind.',
    args: z.object({ kind: kind.optional(), limit }),
    request: (query) => ({ method: 'GET', path: '/templates', query }),
  }),
  upstreamTool({
    name: 'get_template',
    description: 'Reads one template.',
    args: template,
    request: ({ template_id }) => ({ method: 'GET', path: path`/templates/${template_id}` }),
  }),
  upstreamTool({
    name: 'create_template',
    description: 'Creates a template. {{clientName}}, {{date}} and {{practitionerName}} are filled in later.',
    args: z.object({ name: text, kind, content: text }),
    request: (body) => ({ method: 'POST', path: '/templates', body }),
  }),
  upstreamTool({
    name: 'update_template',
    description: 'Changes the name or the text of a template.',
    args: template.extend({ name: text.optional(), content: text.optional() }),
    request: ({ template_id, ...body }) => ({ method: 'PATCH', path: path`/templates/${template_id}`, body }),
  }),
  upstreamTool({
    name: 'search_documents',
    description: 'Finds documents by a part of their title or text.',
    args: z.object({ query: text, limit }),
    request: ({ query, limit }) => ({ method: 'GET', path: '/documents', query: { search: query, limit } }),
  }),
  upstreamTool({
    name: 'get_document',
    description: 'Reads one document.',
    args: document,
    request: ({ document_id }) => ({ method: 'GET', path: path`/documents/${document_id}` }),
  }),
  upstreamTool({
    name: 'save_document',
    description: 'Saves a text as a document about a client.',
    args: z.object({ client_id: upstreamId, title: text, content: text }),
    request: (body) => ({ method: 'POST', path: '/documents', body }),
    uiActions: (_args, saved) => showDocument((saved as { id: unknown }).id),
  }),
  upstreamTool({
    name: 'update_document',
    description: 'Changes the title or the text of a document.',
    args: document.extend({ title: text.optional(), content: text.optional() }),
    request: ({ document_id, ...body }) => ({ method: 'PATCH', path: path`/documents/${document_id}`, body }),
  }),
  upstreamTool({
    name: 'delete_document',
    description: 'Deletes a document.',
    args: document,
    request: ({ document_id }) => ({ method: 'DELETE', path: path`/documents/${document_id}` }),
  }),
]
