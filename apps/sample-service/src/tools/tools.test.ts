import { expect, test } from 'vitest'
import { z } from 'zod'

import { DocumentGenerator } from '../documents/document-generator.ts'
import type { ToolRequest } from '../events/tool-events.ts'
import { localChatModel } from '../model/local-chat-model.ts'
import { mayRun, toolsOf } from '../personas/persona.ts'
import { personas } from '../personas/personas.ts'
import type { Caller } from '../upstream/caller.ts'
import { EmbeddedUpstream } from '../upstream/embedded-upstream.ts'
import { runTool } from './run-tool.ts'
import { createTools } from './tools.ts'

const tools = createTools({ upstream: new EmbeddedUpstream(), generator: new DocumentGenerator(localChatModel) })
const caller: Caller = { tenant: 't1', id: 'p1', role: 'practitioner', sealed_authorization: null }
const run = (tool_name: string, args: ToolRequest['args'], fields: Partial<ToolRequest> = {}) =>
  runTool(tools, { event_id: 'e1', persona_id: 'web_assistant', caller, tool_name, args, ...fields })

/** Arguments with which each tool works on the sample data. */
const examples: Record<string, Record<string, unknown>> = {
  query: { query: 'o' },
  client_id: { client_id: 'c1' },
  session_id: { session_id: 's1' },
  conversation_id: { conversation_id: 'v1' },
  message_id: { message_id: 'm1' },
  template_id: { template_id: 't1' },
  document_id: { document_id: 'd1' },
  task_id: { task_id: 'k1' },
  appointment_id: { appointment_id: 'a1' },
  title: { title: 'A title' },
  name: { name: 'Zoë' },
  text: { text: 'Zoë 🎲' },
  costs: { costs: [{ name: 'Zoë', monthly_amount: 10, utilization: 0.5 }] },
  content: { content: 'Long enough for a document.' },
  kind: { kind: 'note' },
  date: { date: '2026-02-01' },
  starts_at: { starts_at: '2026-02-01T09:00:00Z' },
  practitioner_name: { practitioner_name: 'Dr. Ada' },
}

test('there are forty-odd tools, each with its description, and a JSON Schema of an object for models', () => {
  expect(tools.size).toBeGreaterThanOrEqual(45)
  for (const tool of tools.values()) {
    expect(tool.description).toMatch(/\.$/)
    expect(z.toJSONSchema(tool.args, { io: 'input' })).toMatchObject({ type: 'object' })
  }
})

test.each([...tools.values()].filter(({ name }) => name !== 'echo').map((tool) => [tool.name, tool] as const))(
  '%s works on the sample data',
  async (name, tool) => {
    const { required = [] } = z.toJSONSchema(tool.args, { io: 'input' }) as { required?: string[] }
    const args = Object.assign({}, ...required.map((field) => examples[field])) as Record<string, unknown>
    expect(Object.keys(args).sort()).toEqual([...required].sort())
    // A tenant of its own, because some of them delete.
    expect(await run(name, args, { caller: { ...caller, tenant: name } })).toMatchObject({ status: 'ok' })
  },
)

test.each([
  ['nobody', 'echo', false],
  [null, 'echo', true],
  [null, 'search_clients', false],
  ['web_assistant', 'delete_document', true],
  ['jaimee_therapist', 'create_goal', true],
  ['jaimee_therapist', 'search_clients', false],
  ['transcriber_agent', 'get_session_transcript', true],
  ['transcriber_agent', 'send_message', false],
])('%s and %s: %s', async (persona_id, tool_name, allowed) => {
  expect(mayRun(personas, persona_id, tool_name)).toBe(allowed)
  const { payload } = await run(tool_name, {}, { persona_id })
  expect((payload as { error_code?: string }).error_code === 'TOOL_FORBIDDEN').toBe(!allowed)
})

test('personas have their settings, and are offered their tools and no others', () => {
  const offered = (id: string) => toolsOf(personas.get(id)!, tools).map(({ name }) => name)
  expect([...personas.values()].map(({ id, temperature }) => [id, temperature])).toEqual([
    ['web_assistant', 0.7],
    ['jaimee_therapist', 0.8],
    ['transcriber_agent', 0.2],
    ['cost_optimizer', 0.2],
    ['triage_agent', 0.2],
  ])
  expect(offered('web_assistant').length).toBeGreaterThan(40)
  expect(offered('jaimee_therapist').sort()).toEqual(['complete_task', 'create_goal', 'list_goals', 'list_tasks'])
  // A name that no tool has would be a tool that is missing.
  expect(offered('transcriber_agent')).toHaveLength(personas.get('transcriber_agent')!.tools.length)
})

test('what goes wrong has a code: unknown tools, wrong arguments, nobody signed in, refusals of the upstream', async () => {
  const code = async (...given: Parameters<typeof run>) => (await run(...given)).payload
  await expect(code('cook', {})).resolves.toMatchObject({ error_code: 'TOOL_UNKNOWN' })
  await expect(code('get_client', { client_id: '../c2' })).resolves.toMatchObject({
    error_code: 'TOOL_ARGUMENTS',
    problems: [{ path: 'args.client_id' }],
  })
  await expect(
    runTool(tools, { event_id: 'e', persona_id: 'web_assistant', tool_name: 'list_clients', args: {} }),
  ).resolves.toMatchObject({
    payload: { error_code: 'UPSTREAM_UNAUTHORIZED' },
  })
  await expect(code('get_client', { client_id: 'unknown' })).resolves.toMatchObject({
    error_code: 'UPSTREAM_NOT_FOUND',
  })
})

test('the same id of a request means another thing to another tenant', async () => {
  const create = async (tenant: string, text: string) =>
    (await run('create_note', { client_id: 'c1', text }, { event_id: 'same', caller: { ...caller, tenant } })).payload
  await expect(create('a', 'of a')).resolves.toMatchObject({ text: 'of a' })
  await expect(create('b', 'of b')).resolves.toMatchObject({ text: 'of b' })
})

test('a script in a text is stored and returned as it was', async () => {
  const text = '<script>alert("x")</script><img src=x onerror=alert(1)>'
  const created = await run('create_note', { client_id: 'c1', text })
  expect(created).toMatchObject({ status: 'ok', payload: { text } })
})
