import { expect, test } from 'vitest'

import { completion, startCompletionServer } from '../../test/completion-server.ts'
import type { AgentName } from './agent.ts'
import { readAgentsConfig } from './agents-config.ts'
import { makeAgents } from './make-agents.ts'

const GOOD = 'The review of this task found nothing to change.'
const PROMPT = 'Do the review of this task'
const forever = (): AbortSignal => new AbortController().signal

/** The agent claude, guarded as the configuration says, with waits of a few milliseconds. */
function guarded(claude: object, guard: object = {}) {
  const read = readAgentsConfig(JSON.stringify({ agents: { claude }, backoff_ms: 1, ...guard }))
  if ('problems' in read) throw new Error(read.problems.join('\n'))
  return makeAgents({ config: read.config, openai: undefined, env: process.env }).get('claude' satisfies AgentName)!
}

const program = (script: string) => ({ kind: 'command', command: [process.execPath, '-e', script] })
const endpoint = (base_url: string, fields: object = {}) => ({ kind: 'endpoint', base_url, model: 'm', ...fields })

test('two failures, then an answer: retried, and a success', async () => {
  await using server = await startCompletionServer((_request, number) =>
    number < 3 ? { status: 503, body: 'busy' } : completion(GOOD),
  )
  const agent = guarded(endpoint(server.baseUrl))
  await expect(agent.ask(PROMPT, forever())).resolves.toMatchObject({ outcome: 'answered', calls: 3 })
  expect(agent.circuit).toBe('closed')
})

test('two poor answers, then a good one: retried, and all of them are counted', async () => {
  await using server = await startCompletionServer((_request, number) => completion(number < 3 ? 'No.' : GOOD))
  const attempt = await guarded(endpoint(server.baseUrl)).ask(PROMPT, forever())
  expect(attempt).toMatchObject({ outcome: 'answered', calls: 3 })
  expect(attempt.answers.map(({ quality }) => quality.score)).toEqual([0.6, 0.6, 1])
})

test('poor answers alone are a poor outcome, and no reason to open the circuit', async () => {
  await using server = await startCompletionServer(() => completion('No.'))
  const agent = guarded(endpoint(server.baseUrl), { breaker: { threshold: 1 } })
  const attempt = await agent.ask(PROMPT, forever())
  expect(attempt).toMatchObject({ outcome: 'poor', calls: 3, error: expect.stringContaining('has substance') })
  expect(agent.circuit).toBe('closed')
})

test('after five failures the circuit opens: a program that fails is not started any more', async () => {
  const agent = guarded(program('process.exit(1)'))
  expect(await agent.ask(PROMPT, forever())).toMatchObject({ outcome: 'failed', calls: 3 })
  expect(agent.circuit).toBe('closed')
  expect(await agent.ask(PROMPT, forever())).toMatchObject({ outcome: 'circuit_open', calls: 2 })
  expect(agent.circuit).toBe('open')
  expect(await agent.ask(PROMPT, forever())).toMatchObject({ outcome: 'circuit_open', calls: 0 })
}, 60_000)

test('an open circuit lets one call try after its time: a failure opens it again, a success closes it', async () => {
  let ill = true
  await using server = await startCompletionServer(() => (ill ? { status: 500, body: '' } : completion(GOOD)))
  const agent = guarded(endpoint(server.baseUrl), { breaker: { threshold: 2, reset_ms: 200 }, quality: { retries: 0 } })
  for (let call = 0; call < 2; call++) await agent.ask(PROMPT, forever())
  expect(server.requests).toHaveLength(2)

  await expect.poll(() => agent.circuit, { timeout: 10_000, interval: 5 }).toBe('half_open')
  // Many ask at once; one of them is let through, and the others hear what came of it.
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => agent.ask(PROMPT, forever())))
  expect(server.requests).toHaveLength(3)
  expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([...Array(4).fill('circuit_open'), 'failed'])

  ill = false
  await expect.poll(() => agent.circuit, { timeout: 10_000, interval: 5 }).toBe('half_open')
  await expect(agent.ask(PROMPT, forever())).resolves.toMatchObject({ outcome: 'answered' })
  expect(agent.circuit).toBe('closed')
}, 60_000)

test('a refusal is neither retried nor held against the agent', async () => {
  await using server = await startCompletionServer(() => ({ status: 400, body: 'too long' }))
  const agent = guarded(endpoint(server.baseUrl), { breaker: { threshold: 1 } })
  expect(await agent.ask(PROMPT, forever())).toMatchObject({ outcome: 'refused', calls: 1 })
  expect(agent.circuit).toBe('closed')
})

test('a call that takes too long is given up, and counts for the circuit', async () => {
  await using server = await startCompletionServer(() => 'hang')
  const agent = guarded(endpoint(server.baseUrl, { timeout_ms: 50 }), { breaker: { threshold: 3 } })
  expect(await agent.ask(PROMPT, forever())).toMatchObject({
    outcome: 'failed',
    calls: 3,
    error: 'The agent took too long.',
  })
  expect(agent.circuit).toBe('open')
})

test('more tasks than the bulkhead and its queue hold are turned away at once', async () => {
  await using server = await startCompletionServer(() => 'hang')
  const agent = guarded(endpoint(server.baseUrl), { bulkhead: { concurrency: 2, queue: 1 } })
  const stop = new AbortController()
  const asked = Array.from({ length: 4 }, () => agent.ask(PROMPT, stop.signal))
  expect(await asked[3]).toMatchObject({ outcome: 'overloaded', calls: 0 })
  await expect.poll(() => server.requests.length).toBe(2)
  stop.abort()
  expect((await Promise.all(asked)).map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed', 'overloaded'])
})
