/**
 * @marker data_pipeline
 *
 * Segment: teams that copy this service
 * Goal: code that can be trusted because it was tried
 * Value: work of an agent that goes on when its process is killed
 * Impact: a mistake here would be copied into many services
 */
import { checkAgentEvents, kafka, postgres, startFixtures } from '@keploy-framework/fixtures'
import { faults, MockOpenAIBuilder } from '@keploy-framework/llm'
import { afterAll, expect, test } from 'vitest'

import { openAgentSession } from './agent-session.ts'
import { tokenOf } from './follow-session.ts'
import { runPlatform } from './platform-process.ts'
import { startUpstreamServer } from './upstream-server.ts'

const fixtures = startFixtures({ kafka: kafka(), postgres: postgres() })
afterAll(() => fixtures.close())
const within = { timeout: 60_000, interval: 50 }

test('a worker and a tool executor that are killed in the middle of a chain: it goes on, and nothing is lost or done twice', async () => {
  await using broker = await fixtures.acquire('kafka')
  await using db = await fixtures.acquire('postgres')
  await using upstream = await startUpstreamServer()
  await using llm = await new MockOpenAIBuilder({ strict: false }).start()
  const env = {
    POSTGRES_DSN: db.url,
    KAFKA_BOOTSTRAP_SERVERS: broker.url,
    KAFKA_TOPIC_PREFIX: broker.prefix,
    OPENAI_BASE_URL: llm.baseUrl,
    UPSTREAM_URL: upstream.baseUrl,
    UPSTREAM_SEAL_SECRET: 'the same for all roles, 32 bytes or more',
  }
  const start = (role: string) => runPlatform(['--role', role], env)
  await using gateway = await start('gateway')
  await using worker = await start('worker')
  await using tools = await start('tools')

  // First the executor dies while the upstream is silent.
  upstream.upset(() => 'silence')
  llm.chat.once({ reply: { toolCalls: [{ name: 'create_note', arguments: { client_id: 'c1', text: 'Zoë' } }] } })
  const token = await tokenOf(gateway.url, { id: 'ada', tenant: 'clinic', role: 'practitioner' })
  await using client = await openAgentSession(gateway.url, token, 's1')
  await client.send('Write a note.')
  await expect.poll(() => upstream.requests.length, within).toBe(1)
  expect(await tools.stop('SIGKILL')).toEqual([null, 'SIGKILL'])

  // Then the worker, while the model is silent.
  upstream.upset(() => undefined)
  const asked = llm.requests.length
  llm.chat.once(faults.timeout())
  await using secondTools = await start('tools')
  await expect.poll(() => llm.requests.length, within).toBe(asked + 1)
  expect(await worker.stop('SIGKILL')).toEqual([null, 'SIGKILL'])
  expect(client.answers()).toEqual([])

  llm.chat.once('The note is written.')
  await using secondWorker = await start('worker')
  await client.waitForCompletion()
  expect(client.answers()).toMatchObject([{ message: 'The note is written.', metadata: { steps: 1 } }])
  expect(client.agentEvents().map(({ type }) => type)).toEqual([
    'agent_started',
    'agent_thinking',
    'tool_executing',
    'tool_completed',
    'agent_thinking',
    'agent_completed',
  ])
  expect(checkAgentEvents(client.agentEvents())).toBeUndefined()
  // The upstream was asked again, with the same token.
  expect(new Set(upstream.requests.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${token}`]))
  const told = llm.requests.at(-1)!.messages.at(-1)!
  expect(told).toMatchObject({ role: 'tool', text: expect.stringContaining('"status":"ok"') })
  // What waits in tables and topics opens nothing.
  const stored = JSON.stringify([await db.sql`select * from chains`, await db.sql`select * from outbox`])
  expect(stored).toContain('sealed_authorization')
  expect(stored).not.toContain(token)
  expect(await secondTools.stop()).toEqual([0, null])
  expect(await secondWorker.stop()).toEqual([0, null])
}, 240_000)
