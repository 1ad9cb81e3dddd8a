import { z } from 'zod'

import { defineTool, type Tool, type ToolContext } from '../tools/tool.ts'
import { text, upstreamId } from '../tools/upstream-tool.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { path, type Upstream } from '../upstream/upstream.ts'
import { analyze } from './analyze.ts'
import type { DocumentGenerator } from './document-generator.ts'
import { variablesIn } from './fill-template.ts'

const segmentSchema = z.object({ speaker: z.string(), text: z.string() })
const sessionSchema = z.object({
  client_id: z.string(),
  date: z.string(),
  transcript: z.array(segmentSchema).max(5_000),
})
const templateSchema = z.object({ content: z.string() })
const clientSchema = z.object({ name: z.string() })
const messagesSchema = z.object({ items: z.array(z.object({ from: z.string(), text: z.string() })) })

/** Tools that make something of what they read from the upstream. */
export function generatorTools(upstream: Upstream, generator: DocumentGenerator): Tool[] {
  return [
    defineTool({
      name: 'generate_document',
      description:
        'Writes a document about a session after a template. With content and wish it changes that document.',
      args: z.object({
        template_id: upstreamId,
        session_id: upstreamId,
        practitioner_name: text.max(200),
        content: text.optional(),
        wish: text.optional(),
      }),
      run: async ({ template_id, session_id, practitioner_name, content, wish }, context) => {
        const read = reader(upstream, context)
        const [template, session] = await Promise.all([
          read(path`/templates/${template_id}`, templateSchema),
          read(path`/sessions/${session_id}`, sessionSchema),
        ])
        const client = await read(path`/clients/${session.client_id}`, clientSchema)
        return generator.generate({
          template: template.content,
          transcript: session.transcript,
          values: { clientName: client.name, date: session.date, practitionerName: practitioner_name },
          ...(content !== undefined && wish !== undefined && { refine: { content, wish } }),
        })
      },
    }),
    defineTool({
      name: 'validate_document',
      description: 'Says what is missing in a document: places that were not filled in, too little text.',
      args: z.object({ content: z.string().max(100_000) }),
      run: async ({ content }) => {
        const problems = variablesIn(content).map((name) => `{{${name}}} is not filled in`)
        if (content.trim().length < 20) problems.push('the document has hardly any text')
        return { valid: problems.length === 0, problems }
      },
    }),
    defineTool({
      name: 'analyze_conversation',
      description: 'Counts who spoke how much in a conversation, and the words that come up most.',
      args: z.object({ conversation_id: upstreamId }),
      run: async ({ conversation_id }, context) => {
        const read = reader(upstream, context)
        return analyze((await read(path`/conversations/${conversation_id}/messages`, messagesSchema)).items)
      },
    }),
  ]
}

/** Reads things of the upstream, and checks that they are what they should be. */
function reader(upstream: Upstream, { caller, event_id }: ToolContext) {
  return async <Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> => {
    if (!caller) throw new UpstreamError('UPSTREAM_UNAUTHORIZED', 'Nobody is signed in.')
    const read = schema.safeParse(await upstream.send({ method: 'GET', path }, { caller, idempotencyKey: event_id }))
    if (!read.success) throw new UpstreamError('UPSTREAM_MALFORMED', `The answer lacks what is needed: GET ${path}.`)
    return read.data
  }
}
