import { checkAgentEvents } from '@keploy-framework/fixtures'
import { faults, MockOpenAIBuilder, type LlmServer } from '@keploy-framework/llm'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'

import { openAgentSession } from '../../test/agent-session.ts'
import { tokenOf } from '../../test/follow-session.ts'
import { startUpstreamServer } from '../../test/upstream-server.ts'
import { openAiChatModel } from '../model/openai-chat-model.ts'
import { defaultSettings, startPlatform, type Platform } from '../platform.ts'
import { HttpUpstream } from '../upstream/http-upstream.ts'

vi.setConfig({ testTimeout: 60_000 })
let model: LlmServer
let upstream: Awaited<ReturnType<typeof startUpstreamServer>>
let platform: Platform
let url: string

beforeAll(async () => {
  model = await new MockOpenAIBuilder().start()
  upstream = await startUpstreamServer()
  platform = await startPlatform({
    settings: { ...defaultSettings(), port: 0, logLevel: 'silent' },
    parts: {
      chatModel: () => openAiChatModel({ baseUrl: model.baseUrl, apiKey: 'k', model: 'gpt-4o', backoffMs: 1 }),
      upstream: async (parts) =>
        new HttpUpstream({ baseUrl: upstream.baseUrl, seal: await parts.get('seal'), backoffMs: 1 }),
    },
  })
  url = platform.url!
  model.chat.always({
    match: { system: 'Write a document' },
    reply: '# John Smith, 2026-01-12\n\n{{practitionerName}}',
  })
}, 60_000)
beforeEach(() => upstream.upset(() => undefined))
afterAll(async () => {
  await platform[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
  await model.close()
})

type Step = [tool_name: string, args: object]
interface ToolMessage {
  role: string
  tool_call_id?: string
  content: string
}

const john: Step = ['search_clients', { query: 'john' }]
const summary: Step = ['get_client_summary', { client_id: 'c1' }]
const sessions: Step = ['get_client_sessions', { client_id: 'c1' }]
const load: Step = ['load_session', { session_id: 's1' }]
const templates: Step = ['get_templates', {}]
const template: Step = ['get_template', { template_id: 't1' }]
const generate: Step = ['generate_document', { template_id: 't1', session_id: 's1', practitioner_name: 'Dr. Zoë 山田' }]
const conversations: Step = ['get_client_conversations', { client_id: 'c1' }]
const messages = (conversation_id: string): Step => ['get_conversation_messages', { conversation_id }]
const analyze: Step = ['analyze_conversation', { conversation_id: 'v1' }]

/** Lets the model ask for one tool after another, and gives what it was told of each. */
async function runChain(session: string, steps: readonly Step[]) {
  const offered = { tools: [steps[0]![0]] }
  const first = model.requests.length
  for (const [name, args] of steps) {
    model.chat.once({ match: offered, reply: { toolCalls: [{ name, arguments: args }] } })
  }
  model.chat.once({ match: offered, reply: 'Done.' })
  const token = await tokenOf(url, { id: 'ada', tenant: session, role: 'practitioner' })
  await using client = await openAgentSession(url, token, session)
  const answer = await client.ask('Please do it.')
  const body = model.requests.at(-1)!.body as { temperature: number; tools: unknown[]; messages: ToolMessage[] }
  const results = body.messages
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => JSON.parse(content) as { status: string; payload: Record<string, unknown> })
  const events = client.agentEvents()
  expect(checkAgentEvents(events)).toBeUndefined()
  expect(events.flatMap((event) => (event.type === 'tool_executing' ? [event.tool_name] : []))).toEqual(
    steps.map(([name]) => name),
  )
  expect(answer).toMatchObject({ message: 'Done.', persona_id: 'web_assistant', metadata: { steps: steps.length } })
  return { token, body, results, events, requests: model.requests.slice(first) }
}

test.each<[string, Step[]]>([
  ['search_clients, then get_client_summary', [john, summary]],
  ['document generation in six steps', [john, summary, sessions, load, templates, generate]],
  [
    'document generation with validation in five',
    [john, load, template, generate, ['validate_document', { content: '# John Smith, seen in January' }]],
  ],
  ['conversation analysis in five', [john, conversations, messages('v1'), summary, analyze]],
  ['several conversations in five', [john, conversations, messages('v1'), messages('v2'), analyze]],
  ['template selection in five', [john, summary, ['search_templates', { query: 'note' }], template, generate]],
  [
    'template with client context in six',
    [john, ['get_client', { client_id: 'c1' }], sessions, templates, template, generate],
  ],
  [
    'client to document in six',
    [john, summary, load, template, generate, ['save_document', { client_id: 'c1', title: 'Note', content: '# John' }]],
  ],
])('%s', async (name, steps) => {
  const { body, results, token } = await runChain(`chain-${name.replaceAll(/\W+/g, '-')}`, steps)
  expect(results.map(({ status }) => status)).toEqual(steps.map(() => 'ok'))
  expect(results[0]!.payload).toMatchObject({ items: [{ id: 'c1', name: 'John Smith' }] })
  const written = results[steps.indexOf(generate)]?.payload
  expect(written?.['content'] ?? 'Dr. Zoë 山田').toContain('Dr. Zoë 山田')
  expect(body.temperature).toBe(0.7)
  expect(body.tools.length).toBeGreaterThan(40)
  // The token went where it belongs, and the model has not seen it.
  expect(new Set(upstream.requests.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${token}`]))
  expect(JSON.stringify(body)).not.toContain(token)
})

test('API error recovery with retry in five: the model does not notice', async () => {
  let failures = 0
  upstream.upset(({ url }) => (url.includes('/summary') && (failures += 1) <= 2 ? { status: 503 } : undefined))
  const { results } = await runChain('chain-retry', [john, summary, sessions, load, templates])
  expect(results.map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok', 'ok'])
  expect(upstream.requests.filter(({ url }) => url.includes('/summary'))).toHaveLength(3)
})

test('missing data: the model is told of a 404, and goes on', async () => {
  const { results } = await runChain('chain-404', [['get_client', { client_id: 'gone' }], john, summary])
  expect(results.map(({ status }) => status)).toEqual(['error', 'ok', 'ok'])
  expect(results[0]!.payload).toMatchObject({ error_code: 'UPSTREAM_NOT_FOUND' })
})

test('the same auth over five tools, with the profile of the practitioner', async () => {
  const { token } = await runChain('chain-auth', [john, summary, sessions, load, templates])
  expect(upstream.requests.map(({ authorization, profile }) => [authorization, profile])).toEqual(
    Array.from({ length: 5 }, () => [`Bearer ${token}`, 'ada']),
  )
})

test('a failure of the model is tried again, and nobody notices', async () => {
  const session = 'chain-model-failure'
  model.chat.once(faults.status(503), 'Back again.')
  const token = await tokenOf(url, { id: 'ada', tenant: session })
  await using client = await openAgentSession(url, token, session)
  await expect(client.ask('Are you there?')).resolves.toMatchObject({ message: 'Back again.' })
})
