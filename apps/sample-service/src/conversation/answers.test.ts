import { faults, MockOpenAIBuilder, type LlmServer } from '@keploy-framework/llm'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { apiClient } from '../../test/api-client.ts'
import { tokenOf } from '../../test/follow-session.ts'
import type { ConversationEvent } from '../events/conversation-event.ts'
import { openAiChatModel } from '../model/openai-chat-model.ts'
import { openAiModel } from '../model/openai-model.ts'
import { defaultSettings, startPlatform, type Platform } from '../platform.ts'

const within = { timeout: 30_000, interval: 20 }
let llm: LlmServer
let platform: Platform
let ada: ReturnType<typeof apiClient>

beforeAll(async () => {
  llm = await new MockOpenAIBuilder().start()
  const at = { baseUrl: llm.baseUrl, apiKey: 'k', model: 'gpt-4o' }
  platform = await startPlatform({
    settings: { ...defaultSettings(), port: 0, logLevel: 'silent' },
    parts: { model: () => openAiModel(at), chatModel: () => openAiChatModel({ ...at, backoffMs: 1 }) },
  })
  ada = apiClient(platform.url!, await tokenOf(platform.url!, { id: 'ada', tenant: 'clinic' }))
}, 60_000)
afterAll(async () => {
  await platform[Symbol.asyncDispose]()
  await llm.close()
})

/** Says something in a session, and resolves with what comes back. */
async function ask(session_id: string, message: string, persona_id: string | null = null) {
  const { body } = await ada.post('/v1/session/message', { session_id, message, persona_id })
  const answer = async () => {
    const { body: page } = await ada.get(`/v1/session/${session_id}/events`)
    const events = page['events'] as ConversationEvent[]
    return events.find(({ metadata }) => metadata['in_reply_to'] === body['event_id'])
  }
  await expect.poll(answer, within).toBeDefined()
  return (await answer())!
}

describe('without a persona', () => {
  test('several turns keep their context', async () => {
    llm.chat.once('Hello Zoë.', 'Zoë.')
    await ask('turns', 'I am Zoë.')
    await expect(ask('turns', 'Who am I?')).resolves.toMatchObject({ role: 'assistant', message: 'Zoë.' })
    expect(llm.requests.at(-1)!.body).toMatchObject({
      messages: [
        { role: 'user', content: 'I am Zoë.' },
        { role: 'assistant', content: 'Hello Zoë.' },
        { role: 'user', content: 'Who am I?' },
      ],
    })
  })

  test.each([
    ['refused', faults.status(400), 'MODEL_REFUSED'],
    ['withheld', faults.contentFilter(), 'ANSWER_FILTERED'],
    ['empty', faults.empty(), 'ANSWER_EMPTY'],
  ])('an answer that is %s is told with a code, and the next message is answered', async (name, fault, error_code) => {
    llm.chat.once(fault, 'Here I am.')
    await expect(ask(name, 'One.')).resolves.toMatchObject({ role: 'system', metadata: { error_code } })
    await expect(ask(name, 'Two.')).resolves.toMatchObject({ message: 'Here I am.' })
    // What had no answer has a question, and no reason stands in for an answer.
    expect(llm.requests.at(-1)!.body).toMatchObject({ messages: [{ content: 'One.' }, { content: 'Two.' }] })
  })

  test('a context window overflow over 128,000 tokens is refused with CONTEXT_OVERFLOW, and no model is asked', async () => {
    const text = '猫'.repeat(34_000)
    for (const nth of [1, 2, 3, 4, 5]) {
      llm.chat.once(`Answer ${nth}.`)
      await ask('overflow', text)
    }
    const asked = llm.requests.length
    const answer = await ask('overflow', text)
    expect(answer).toMatchObject({ role: 'system', metadata: { error_code: 'CONTEXT_OVERFLOW' } })
    expect(answer.message).toMatch(/about 1\d{5} tokens, and the model takes 128000/)
    expect(llm.requests).toHaveLength(asked)
  })
})

describe('as an agent', () => {
  test.each([
    ['web_assistant', 0.7],
    ['jaimee_therapist', 0.8],
  ])('%s answers with a temperature of %d', async (persona, temperature) => {
    llm.chat.once('Yes.')
    await ask(persona, 'Are you there?', persona)
    expect(llm.requests.at(-1)!.body).toMatchObject({ temperature })
  })

  test('what the table model_profiles says of a persona goes before its own settings, at once', async () => {
    const { query } = await platform.parts.get('database')
    llm.chat.once('Calm.', 'Warm.')
    await query
      .insertInto('model_profiles')
      .values({ persona_id: 'jaimee_therapist', model: 'gpt-4o-mini', temperature: 0.1 })
      .execute()
    await expect(ask('profile', 'How are you?', 'jaimee_therapist')).resolves.toMatchObject({
      message: 'Calm.',
      metadata: { model: 'gpt-4o-mini' },
    })
    expect(llm.requests.at(-1)!.body).toMatchObject({ model: 'gpt-4o-mini', temperature: 0.1 })
    await query.updateTable('model_profiles').set({ model: null, temperature: null }).execute()
    await ask('profile', 'And now?', 'jaimee_therapist')
    expect(llm.requests.at(-1)!.body).toMatchObject({ model: 'gpt-4o', temperature: 0.8 })
  })

  test('what is delegated to agents stands in delegation_tasks', async () => {
    llm.chat.once('Done.')
    const { metadata } = await ask('delegated', 'Do it.', 'web_assistant')
    const { query } = await platform.parts.get('database')
    const { rows } = await sql`select task_id, agent, task, status from delegation_tasks
      where session_id = 'delegated'`.execute(query)
    expect(rows).toEqual([
      { task_id: metadata['in_reply_to'], agent: 'web_assistant', task: 'Do it.', status: 'completed' },
    ])
  })

  const advice = {
    summary: 'Use less.',
    priority: 'low',
    recommendations: [{ title: 'Less', detail: 'Of all.', monthly_savings: 12.5 }],
    potential_savings: { monthly_amount: 12.5, currency: 'USD' },
  }
  const request = async () => {
    const asked = { type: 'agent_request', agent: 'cost_optimizer', message: 'Save!', context: { costs: [] } }
    const { headers } = await ada.post('/v1/agents/requests', asked)
    const location = headers.get('location')!
    await expect.poll(async () => (await ada.get(location)).body['status'], within).not.toBe('running')
    return (await ada.get(location)).body
  }

  test('an agent request is told its context and the form of the answer, and the answer is checked', async () => {
    llm.chat.once(JSON.stringify(advice))
    await expect(request()).resolves.toMatchObject({
      status: 'completed',
      result: { ...advice, agent: 'cost_optimizer', model: expect.stringContaining('gpt-4o'), simulated: false },
    })
    expect(llm.requests.at(-1)!.body).toMatchObject({
      tools: [{ function: { name: 'analyze_costs' } }],
      response_format: { type: 'json_schema', json_schema: { name: 'advice' } },
      messages: [{ role: 'system' }, { role: 'user', content: expect.stringMatching(/^Save![^]+\{"costs":\[\]\}$/) }],
    })
  })

  test('advice that is none is a failure with a code', async () => {
    llm.chat.once({ reply: { content: '{"summary":"Use less."}', skipSchema: true } })
    await expect(request()).resolves.toMatchObject({
      status: 'failed',
      result: null,
      error: 'The model did not answer in the form advice.',
      error_code: 'ANSWER_INVALID',
    })
  })
})
