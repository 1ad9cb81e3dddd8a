import { faults, MockOpenAIBuilder, type LlmServer } from '@keploy-framework/llm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

import { PoisonError, UnavailableError } from '../bus/errors.ts'
import { readAnswer } from './answer-format.ts'
import type { ChatMessage } from './chat-model.ts'
import { estimateTokens } from './context-window.ts'
import { ModelCircuit } from './model-circuit.ts'
import { openAiChatModel } from './openai-chat-model.ts'

let llm: LlmServer
beforeAll(async () => {
  llm = await new MockOpenAIBuilder().start()
})
afterAll(() => llm.close())

const modelWith = (timeoutMs = 20_000) =>
  openAiChatModel({ baseUrl: llm.baseUrl, apiKey: 'k', model: 'gpt-4o', retries: 1, backoffMs: 1, timeoutMs })
const messages: ChatMessage[] = [{ role: 'user', content: 'Zoë?' }]

test('calls of tools come back as the model wrote them, and their results are told in the form of the API', async () => {
  llm.chat.once({ reply: { toolCalls: [{ name: 'look', arguments: { at: 'Zoë' }, id: 'a' }] } }, 'Seen.')
  const tools = [{ name: 'look', description: 'Looks.', parameters: { type: 'object' } }]
  const first = await modelWith().complete({ messages, tools, temperature: 0.7 })
  expect(first).toEqual({
    content: '',
    tool_calls: [{ id: 'a', name: 'look', arguments: '{"at":"Zoë"}' }],
    filtered: false,
  })
  const { content, tool_calls } = first
  await modelWith().complete({
    messages: [
      ...messages,
      { role: 'assistant', content, tool_calls },
      { role: 'tool', tool_call_id: 'a', content: 'a cat' },
    ],
    temperature: 0,
  })
  expect(llm.requests[0]!.body).toMatchObject({
    temperature: 0.7,
    tools: [{ type: 'function', function: { name: 'look' } }],
  })
  const second = llm.requests[1]!.body
  expect(second).not.toHaveProperty('tools')
  expect(second).toMatchObject({
    messages: [
      { role: 'user' },
      { role: 'assistant', content: null, tool_calls: [{ id: 'a', type: 'function', function: { name: 'look' } }] },
      { role: 'tool', tool_call_id: 'a', content: 'a cat' },
    ],
  })
})

test.each([
  ['429', faults.rateLimit()],
  ['500', faults.serverError()],
  ['what is no completion', faults.malformedJson()],
  ['a connection that breaks', faults.cut()],
])('%s is asked again, and unavailable when it stays', async (_name, fault) => {
  llm.chat.once(fault, 'Back.')
  await expect(modelWith().complete({ messages, temperature: 0 })).resolves.toMatchObject({ content: 'Back.' })
  llm.chat.once(fault, fault)
  await expect(modelWith().complete({ messages, temperature: 0 })).rejects.toThrow(UnavailableError)
})

test('silence is unavailable, and a refusal is final', async () => {
  llm.chat.once(faults.timeout(), faults.timeout())
  await expect(modelWith(50).complete({ messages, temperature: 0 })).rejects.toThrow(UnavailableError)
  llm.chat.once(faults.status(400))
  await expect(modelWith().complete({ messages, temperature: 0 })).rejects.toThrow(PoisonError)
})

test('a form of the answer is told in the words of the API; a temperature of 0.7 or 0.8 arrives as it is', async () => {
  const format = { name: 'verdict', schema: z.object({ ok: z.boolean() }), standIn: () => ({}) }
  llm.chat.once('{"ok":true}', 'Warm.')
  const { content } = await modelWith().complete({ messages, temperature: 0.7, format })
  await modelWith().complete({ messages, temperature: 0.8 })
  expect(readAnswer(format, content)).toEqual({ ok: true })
  const [formed, free] = llm.requests.slice(-2).map(({ body }) => body)
  expect(formed).toMatchObject({
    temperature: 0.7,
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'verdict', schema: { type: 'object', properties: { ok: { type: 'boolean' } } } },
    },
  })
  expect(free).toMatchObject({ temperature: 0.8 })
  expect(free).not.toHaveProperty('response_format')
})

test('a model that fails five times in a row is left alone, and asked again when the time is over', async () => {
  const circuit = new ModelCircuit({ resetMs: 100 })
  const model = openAiChatModel({ baseUrl: llm.baseUrl, apiKey: 'k', model: 'gpt-4o', retries: 0, circuit })
  const complete = () => model.complete({ messages, temperature: 0 })
  llm.chat.once(...Array.from({ length: 5 }, () => faults.status(503)))
  for (let failure = 0; failure < 5; failure++) await expect(complete()).rejects.toThrow('answered 503')
  const asked = llm.requests.length
  await expect(complete()).rejects.toThrow('left alone for a while')
  await expect(complete()).rejects.toThrow(UnavailableError)
  expect(llm.requests).toHaveLength(asked)
  llm.chat.once('Back.')
  await expect.poll(() => complete().catch(() => undefined), { timeout: 20_000 }).toMatchObject({ content: 'Back.' })
})

test('what a model refuses says nothing about its health', async () => {
  const model = openAiChatModel({ baseUrl: llm.baseUrl, apiKey: 'k', model: 'gpt-4o', retries: 0 })
  llm.chat.once(...Array.from({ length: 6 }, () => faults.status(400)), 'Well.')
  for (let refusal = 0; refusal < 6; refusal++) {
    await expect(model.complete({ messages, temperature: 0 })).rejects.toThrow(PoisonError)
  }
  await expect(model.complete({ messages, temperature: 0 })).resolves.toMatchObject({ content: 'Well.' })
})

test('tokens are estimated from the bytes of what is said and of the tools', () => {
  expect(estimateTokens({ messages: [] })).toBe(1)
  const one = estimateTokens({ messages: [{ role: 'user', content: 'x'.repeat(4000) }] })
  expect(one).toBeGreaterThanOrEqual(1000)
  expect(one).toBeLessThan(1050)
  expect(estimateTokens({ messages: [{ role: 'user', content: '猫'.repeat(4000) }] })).toBeGreaterThan(3000)
})
