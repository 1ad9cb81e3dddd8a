import { afterAll, beforeAll, expect, test } from 'vitest'

import { bearerOf, followSession, tokenOf } from '../../test/follow-session.ts'
import type { LanguageModel } from '../model/language-model.ts'
import { defaultSettings, startPlatform, type Platform } from '../platform.ts'

const within = { timeout: 30_000, interval: 20 }
const asked: string[] = []
const model: LanguageModel = {
  name: 'a model that counts',
  async *answer(messages) {
    asked.push(JSON.stringify(messages))
    yield 'An answer.'
  },
}
let platform: Platform

beforeAll(async () => {
  const settings = { ...defaultSettings(), port: 0, logLevel: 'silent' }
  platform = await startPlatform({ settings, parts: { model: () => model } })
}, 60_000)
afterAll(() => platform[Symbol.asyncDispose]())

async function say(message: string, session_id: string, persona_id: string | null = null) {
  const response = await fetch(`${platform.url}/v1/session/message`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearerOf(await tokenOf(platform.url!)) },
    body: JSON.stringify({ message, session_id, persona_id }),
  })
  return ((await response.json()) as { event_id: string }).event_id
}

test('a message beyond the budget is answered with the reason, the model is not asked, and other personas go on', async () => {
  const budgets = await platform.parts.get('budgets')
  await budgets.setBudgetLimit('development', 500)
  await using client = await followSession(platform.url!, 's1')
  await say('x'.repeat(100), 's1')
  await expect.poll(() => client.events().map(({ role }) => role), within).toEqual(['user', 'assistant'])
  // A name that nobody knows is no way around.
  const event_id = await say('y'.repeat(2000), 's1', 'invented')
  await expect.poll(() => client.events().length, within).toBe(4)
  expect(client.events()[3]).toMatchObject({
    role: 'system',
    message: expect.stringContaining('The token budget of default for development is used up: 29 tokens are taken'),
    metadata: { in_reply_to: event_id, error_code: 'BUDGET_EXCEEDED', tenant: 'development', total_tokens: 29 },
  })
  expect(asked).toHaveLength(1)

  await using other = await followSession(platform.url!, 's2')
  await say('hello', 's2', 'web_assistant')
  await expect.poll(() => other.events().map(({ role }) => role), within).toEqual(['user', 'assistant'])

  await budgets.setBudgetLimit('development', undefined)
  await say('and now', 's1')
  await expect.poll(() => client.events().length, within).toBe(6)
  expect(asked.at(-1)).not.toContain('is used up')
})

test('a message that is delivered again is paid for once', async () => {
  const [budgets, bus] = await Promise.all([platform.parts.get('budgets'), platform.parts.get('bus')])
  await using client = await followSession(platform.url!, 's3')
  const { total_tokens: before } = await budgets.consume('development', 'default', 0)
  await say('hello', 's3')
  await expect.poll(() => client.events().length, within).toBe(2)
  const { total_tokens } = await budgets.consume('development', 'default', 0)
  expect(total_tokens).toBe(before + 6)
  const [first] = client.events()
  await bus.publish('conversation.inbound', [
    { key: 's3', value: first },
    { key: 's3', value: { ...first, event_id: 'next' } },
  ])
  await expect.poll(() => client.events().length, within).toBe(3)
  // The first one again, and the answer to it, stand in the prompt of the next.
  await expect(budgets.consume('development', 'default', 0, 'unseen')).resolves.toMatchObject({
    total_tokens: before + 6 + 6 + 7 + 6,
  })
})
