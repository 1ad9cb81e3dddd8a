/**
 * Segment: operators
 * Goal: know what many users at once do to the platform, and what it does about it
 * Value: answers that become slower before they become fewer
 * Impact: a busy morning is no outage
 *
 * @category integration
 * @marker load_stress
 */
import { faults, MockOpenAIBuilder } from '@keploy-framework/llm'
import { expect, test } from 'vitest'

import { startClient } from '../chaos/client.ts'
import { bearerOf } from '../follow-session.ts'
import { runPlatform } from '../platform-process.ts'
import { useRealParts } from '../real-parts.ts'
import { taskClient } from '../task-client.ts'

const acquire = useRealParts()
const within = { timeout: 60_000, interval: 50 }
const times = <Result>(count: number, work: (number: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, number) => work(number)))

/** The time within which a share of the requests was answered, in whole milliseconds. */
function percentile(durations: number[], share: number): number {
  return Math.round(durations.toSorted((a, b) => a - b)[Math.ceil(durations.length * share) - 1] ?? 0)
}

test('100 sessions are created at once, and 50 sockets each get what is said in their session, and nothing else', async () => {
  await using real = await acquire()
  await using platform = await runPlatform([], real.env)
  await using client = await startClient(platform.url)
  const created = await times(100, (number) =>
    client.post('/api/v1/sessions', { type: 'adventure', title: `session ${number}` }),
  )
  expect(created.map(({ status }) => status)).toEqual(Array(100).fill(201))
  expect(new Set(created.map(({ body }) => body['id'])).size).toBe(100)

  const streams = await times(50, (number) => client.follow(`socket-${number}`))
  await times(50, (number) => client.say(`to ${number}`, `socket-${number}`))
  for (const [number, { events }] of streams.entries()) {
    await expect.poll(() => events.map(({ role }) => role), within).toEqual(['user', 'assistant'])
    expect(events[0]!.message).toBe(`to ${number}`)
    expect(new Set(events.map(({ session_id }) => session_id))).toEqual(new Set([`socket-${number}`]))
  }
}, 120_000)

test('10 users with tool chains of five steps at once: every chain comes to its own end', async () => {
  await using real = await acquire()
  await using llm = await new MockOpenAIBuilder({ strict: false }).start()
  llm.chat.always({
    reply({ messages }) {
      const steps = messages.filter(({ role }) => role === 'tool').length
      return steps < 5 ? { toolCalls: [{ name: 'search_clients', arguments: { query: 'john' } }] } : 'The end.'
    },
  })
  await using platform = await runPlatform([], { ...real.env, OPENAI_BASE_URL: llm.baseUrl })
  const answers = await times(10, async (number) => {
    await using client = await startClient(platform.url, `chain-${number}`)
    return client.ask('Find john, five times.', `chain-${number}`, 'web_assistant')
  })
  expect(answers.map(({ message, metadata }) => `${message} ${String(metadata['steps'])} steps`)).toEqual(
    Array(10).fill('The end. 5 steps'),
  )
}, 120_000)

/** Users who run tasks, list projects and look at the metrics, in a mix of 3 : 2 : 1. Resolves with how long each took. */
async function mixOfUsers(
  url: string,
  users: number,
  rounds: number,
): Promise<{ statuses: number[]; durations: number[] }> {
  const statuses: number[] = []
  const durations: number[] = []
  await times(users, async (user) => {
    await using client = await startClient(url, `mixed-${user}`)
    const get = (path: string) => fetch(url + path, { headers: bearerOf(client.token) })
    const mix = ['execute', 'list', 'execute', 'metrics', 'execute', 'list']
    for (let step = 0; step < rounds * mix.length; step++) {
      const started = performance.now()
      const kind = mix[(step + user) % mix.length]
      if (kind === 'execute') {
        const { status } = await client.post('/api/orchestration/execute', { type: 'simple', prompt: `task ${step}` })
        statuses.push(status)
      } else {
        const response = await get(kind === 'list' ? '/api/projects' : '/api/metrics/summary')
        await response.arrayBuffer()
        statuses.push(response.status)
      }
      durations.push(performance.now() - started)
    }
  })
  return { statuses, durations }
}

test('response time and throughput with more and more users: each request is answered, none fails', async () => {
  await using real = await acquire()
  await using platform = await runPlatform([], real.env)
  for (const users of [1, 5, 20]) {
    const started = performance.now()
    const { statuses, durations } = await mixOfUsers(platform.url, users, 2)
    const rate = Math.round(durations.length / ((performance.now() - started) / 1000))
    // oxlint-disable-next-line no-console -- figures are what this battery is for; what they have to be is up to the bench
    console.info(
      `${users} users: ${rate} req/s, p50 ${percentile(durations, 0.5)} ms, p95 ${percentile(durations, 0.95)} ms`,
    )
    expect(statuses).toEqual(Array(users * 12).fill(200))
  }
}, 120_000)

test('breaker activation: an agent that fails is not asked any more, and tasks are done by the others', async () => {
  await using real = await acquire()
  await using llm = await new MockOpenAIBuilder({ strict: false }).start()
  llm.chat.always(faults.serverError())
  const agents = { claude: { kind: 'endpoint', base_url: llm.baseUrl, model: 'm' } }
  const AGENTS_CONFIG = JSON.stringify({ agents, breaker: { threshold: 5, reset_ms: 600_000 } })
  await using platform = await runPlatform([], { ...real.env, AGENTS_CONFIG })
  await using client = await startClient(platform.url)
  const tasks = taskClient(platform.url, client.token)
  const circuit = async () =>
    (await tasks.get('/api/metrics/summary')).body.agents.find(({ agent }) => agent === 'claude')?.circuit
  for (let number = 0; number < 10; number++) {
    const { status, body } = await tasks.execute({ type: 'security', prompt: `check ${number}` })
    expect([status, body.agent]).toEqual([200, 'gemini'])
  }
  expect(await circuit()).toBe('open')
  const asked = llm.requests.length
  const after = await times(10, () => tasks.execute({ type: 'security', prompt: 'check' }))
  expect(after.map(({ body }) => body.attempts[0]?.outcome)).toEqual(Array(10).fill('circuit_open'))
  expect(llm.requests).toHaveLength(asked)
}, 120_000)

test('graceful degradation: with a slow Kafka and without Redis messages are taken as before, and answered later', async () => {
  await using real = await acquire()
  await using platform = await runPlatform([], real.env)
  await using client = await startClient(platform.url)
  await client.ask('before', 's1')
  await Promise.all([real.broker.faults.slow({ latencyMs: 300 }), real.cache.faults.stop()])
  const ids = await times(30, (number) => client.say(`during ${number}`, `d${number % 5}`))
  expect(new Set(ids).size).toBe(30)
  await Promise.all([real.broker.faults.reset(), real.cache.faults.reset()])
  for (const [number, id] of ids.entries()) {
    await expect.poll(async () => (await client.answersTo(`d${number % 5}`, id)).length, within).toBe(1)
  }
}, 120_000)
