import { expect, test } from 'vitest'

import { completion, startCompletionServer, type CompletionReply } from '../../test/completion-server.ts'
import { readAgentsConfig } from '../agents/agents-config.ts'
import { makeAgents } from '../agents/make-agents.ts'
import { runTask } from './run-task.ts'

const GOOD = 'The review of this task found nothing to change.'
const prompt = 'Do the review of this task'
const ILL: CompletionReply = { status: 500, body: 'ill' }

/** Three agents behind real endpoints, each with one way to reply. */
async function threeAgents(replies: Record<'claude' | 'gemini' | 'copilot', CompletionReply>, guard: object = {}) {
  const asked: string[] = []
  // The model's name tells them apart.
  const server = await startCompletionServer(({ body: { model } }) => {
    asked.push(model)
    return replies[model as keyof typeof replies]
  })
  const names = Object.keys(replies)
  const price = { input_per_1k: 0.001, output_per_1k: 0.002 }
  const agents = names.map((model) => [model, { kind: 'endpoint', base_url: server.baseUrl, model, price }])
  const read = readAgentsConfig(JSON.stringify({ agents: Object.fromEntries(agents), backoff_ms: 0, ...guard }))
  if ('problems' in read) throw new Error(read.problems.join('\n'))
  const made = makeAgents({ config: read.config, openai: undefined, env: {} })
  return { agents: made, asked, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const once = { quality: { retries: 0 } }
const forever = (): AbortSignal => new AbortController().signal

test.each([
  ['security', 'claude'],
  ['simple', 'gemini'],
  ['general', 'claude'],
  ['code', 'copilot'],
] as const)('a task of type %s goes to %s, and nobody else is asked', async (type, agent) => {
  await using three = await threeAgents({
    claude: completion(GOOD),
    gemini: completion(GOOD),
    copilot: completion(GOOD),
  })
  const outcome = await runTask({ type, prompt }, three.agents, forever())
  expect(outcome.answered?.agent).toBe(agent)
  expect(three.asked).toEqual([agent])
})

test('a failure falls back to agents that were not tried: gemini, then claude, then copilot', async () => {
  await using three = await threeAgents({ claude: ILL, gemini: ILL, copilot: completion(GOOD) }, once)
  const outcome = await runTask({ type: 'simple', prompt }, three.agents, forever())
  expect(three.asked).toEqual(['gemini', 'claude', 'copilot'])
  expect(outcome.answered).toMatchObject({ agent: 'copilot', quality: { score: 1 } })
  expect(outcome.attempts.map((attempt) => attempt.outcome)).toEqual(['failed', 'failed', 'answered'])
})

test('each agent is asked with its retries, and never again after the others', async () => {
  await using three = await threeAgents({ claude: ILL, gemini: ILL, copilot: ILL })
  const outcome = await runTask({ type: 'general', prompt }, three.agents, forever())
  expect(outcome.answered).toBeUndefined()
  expect(three.asked).toEqual(['claude', 'gemini', 'copilot'].flatMap((name) => [name, name, name]))
  expect(outcome.attempts.map(({ agent, calls }) => [agent, calls])).toEqual([
    ['claude', 3],
    ['gemini', 3],
    ['copilot', 3],
  ])
})

test('an agent whose circuit is open is passed over without a call', async () => {
  await using three = await threeAgents({ claude: ILL, gemini: completion(GOOD), copilot: ILL }, once)
  for (let task = 0; task < 6; task++) await runTask({ type: 'security', prompt }, three.agents, forever())
  expect(three.asked.filter((name) => name === 'claude')).toHaveLength(5)
  expect(three.agents.get('claude')?.circuit).toBe('open')
  expect(three.agents.get('gemini')?.circuit).toBe('closed')
  const outcome = await runTask({ type: 'security', prompt }, three.agents, forever())
  expect(outcome.attempts.map((attempt) => attempt.outcome)).toEqual(['circuit_open', 'answered'])
})

test('where nobody answers well, the best answer is given with what it is worth, and all calls are paid for', async () => {
  await using three = await threeAgents({
    claude: completion('No.'),
    gemini: completion('No, and this task has {{gaps}} to fill.'),
    copilot: ILL,
  })
  const outcome = await runTask({ type: 'general', prompt }, three.agents, forever())
  expect(outcome.answered).toMatchObject({ agent: 'gemini', quality: { score: 0.8 } })
  expect(outcome.tokens).toEqual({ input: 6000, output: 3000, estimated: false })
  expect(outcome.cost_usd).toBeCloseTo(0.012)
})

test('a task whose time is over asks nobody else', async () => {
  const stop = new AbortController()
  await using three = await threeAgents({ claude: 'hang', gemini: completion(GOOD), copilot: completion(GOOD) })
  const running = runTask({ type: 'general', prompt }, three.agents, stop.signal)
  await expect.poll(() => three.asked).toEqual(['claude'])
  stop.abort()
  expect((await running).answered).toBeUndefined()
  expect(three.asked).toEqual(['claude'])
})
