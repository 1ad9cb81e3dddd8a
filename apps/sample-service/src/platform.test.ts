import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'

import { bearerOf, followSession, say, tokenOf } from '../test/follow-session.ts'
import { deadLetterTopic } from './bus/event-bus.ts'
import { defaultSettings, startPlatform, type Platform } from './platform.ts'

const within = { timeout: 30_000, interval: 20 }
let platform: Platform
let url: string
let headers: { authorization: string }

beforeAll(async () => {
  platform = await startPlatform({ settings: { ...defaultSettings(), port: 0, logLevel: 'silent' } })
  url = platform.url!
  headers = bearerOf(await tokenOf(url))
}, 60_000)
afterAll(() => platform[Symbol.asyncDispose]())

test('the answer to a message comes on the stream: its pieces, then the whole, which they add up to', async () => {
  await using client = await followSession(url, 'streamed')
  const { status, event_id } = await say(url, 'Hello Zoë', 'streamed')
  expect(status).toBe(202)
  await expect.poll(() => client.events().map(({ role }) => role), within).toEqual(['user', 'assistant'])
  const answer = client.events()[1]!
  expect(answer.message).toContain('This is the local deterministic model, not a language model.')
  expect(answer.message).toContain('Hello Zoë')
  expect(answer.metadata).toEqual({ in_reply_to: event_id, model: 'local deterministic model' })
  for (const frame of client.frames.filter(({ type }) => type === 'delta')) {
    expect(frame.event_id).toBe(answer.event_id)
    expect(answer.message).toContain(frame.text)
  }
})

test('a client that comes back gets what it has not seen, and an unknown last event is 404', async () => {
  const { event_id } = await say(url, 'one', 'resumed')
  await using first = await followSession(url, 'resumed')
  await expect.poll(() => first.events().length, within).toBe(2)
  await using second = await followSession(url, 'resumed', event_id)
  await expect.poll(() => second.events(), within).toEqual(first.events().slice(1))

  const refused = new WebSocket(`${url.replace('http', 'ws')}/v1/session/resumed/stream?last_event_id=unknown`, {
    headers,
  })
  const error = await new Promise<Error>((resolve) => refused.once('error', resolve))
  expect(error.message).toContain('404')
})

test('events are listed newest first, page by page, and read one by one', async () => {
  const { session_id, event_id } = await say(url, 'Who are you?')
  const list = async (query: string) =>
    (await (await fetch(`${url}/v1/session/${session_id}/events${query}`, { headers })).json()) as {
      events: { event_id: string; role: string }[]
      next: string | null
    }
  await expect.poll(async () => (await list('')).events.map(({ role }) => role), within).toEqual(['assistant', 'user'])
  const page = await list('?limit=1')
  expect(page.events[0]?.role).toBe('assistant')
  const rest = await list(`?limit=1&before=${page.next}`)
  expect(rest).toMatchObject({ events: [{ event_id }], next: null })

  await expect(
    (await fetch(`${url}/v1/session/${session_id}/events/${event_id}`, { headers })).json(),
  ).resolves.toMatchObject({
    event_id,
    message: 'Who are you?',
  })
  expect((await fetch(`${url}/v1/session/${session_id}/events/unknown`, { headers })).status).toBe(404)
  const wrong = await fetch(`${url}/v1/session/${session_id}/events?before=nonsense`, { headers })
  expect([wrong.status, await wrong.json()]).toMatchObject([422, { detail: [{ loc: ['query', 'before'] }] }])
})

test('an event that is delivered again changes nothing', async () => {
  const { event_id } = await say(url, 'once', 'again')
  await using client = await followSession(url, 'again')
  await expect.poll(() => client.events().length, within).toBe(2)
  const bus = await platform.parts.get('bus')
  const asked = client.events()[0]
  await bus.publish('conversation.inbound', [
    { key: 'again', value: asked },
    { key: 'again', value: { ...asked, event_id: 'next' } },
  ])
  // Same key: when the next one is answered, the repeated one was handled.
  await expect.poll(() => client.events().length, within).toBe(3)
  expect(client.events().filter(({ metadata }) => metadata['in_reply_to'] === event_id)).toHaveLength(1)
})

test('a message that is no event becomes a dead letter with the path of the mistake', async () => {
  const bus = await platform.parts.get('bus')
  const letters: unknown[] = []
  for (const topic of ['conversation.inbound', 'tool.requests']) {
    await bus.consume(deadLetterTopic(topic), 'test', async ({ value }) => void letters.push(value))
    await bus.publish(topic, [{ key: 'k', value: { event_id: 'e1', session_id: 7, args: [] } }])
  }
  await expect.poll(() => letters.length, within).toBe(2)
  expect(JSON.stringify(letters)).toContain('/session_id must be string')
  expect(JSON.stringify(letters)).toContain('/tool_name is missing')
})

test('tools are run by name; an unknown one and wrong arguments are results, too', async () => {
  const bus = await platform.parts.get('bus')
  const results: unknown[] = []
  await bus.consume('tool.results', 'test', async ({ value }) => void results.push(value))
  await bus.publish('tool.requests', [
    { key: 'k', value: { event_id: 't1', tool_name: 'echo', args: { text: 'Zoë', nothing: null } } },
    { key: 'k', value: { event_id: 't1', tool_name: 'echo', args: { text: 'again' } } },
    { key: 'k', value: { event_id: 't2', tool_name: 'fly', args: {} } },
  ])
  await expect
    .poll(() => results, within)
    .toEqual([
      { event_id: 't1', status: 'ok', payload: { text: 'Zoë', nothing: null } },
      { event_id: 't2', status: 'error', payload: { error: 'There is no tool fly.', error_code: 'TOOL_UNKNOWN' } },
    ])
})

test('health names each dependency', async () => {
  await expect((await fetch(`${url}/health`)).json()).resolves.toMatchObject({
    status: 'healthy',
    database: { status: 'up', kind: 'embedded Postgres' },
    redis: { status: 'up', kind: 'in-memory cache' },
    kafka: { status: 'up', kind: 'in-process bus' },
    model: { kind: 'local deterministic model' },
  })
})

test.each([
  [{ message: '' }, ['body', 'message']],
  [{}, ['body', 'message']],
  [{ message: 'x', session_id: 'a b' }, ['body', 'session_id']],
  [{ message: 'x', attachments: {} }, ['body', 'attachments']],
])('%j is 422 and names the field', async (body, loc) => {
  const response = await fetch(`${url}/v1/session/message`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  expect([response.status, await response.json()]).toMatchObject([422, { detail: [{ loc }] }])
})

test.each([
  ['deep arrays', `{"message":"x","attachments":[${'['.repeat(400_000)}${']'.repeat(400_000)}]}`, 422],
  ['deep objects', `{"message":"x","metadata":{"a":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}}`, 422],
  // Four bytes each, and 21 when they are written again.
  ['numbers that grow', `{"message":"x","attachments":[[${Array(200_000).fill('1E20').join()}]]}`, 413],
  ['a body of more than 1 MiB', `{"message":"${'x'.repeat(1_048_576)}"}`, 413],
  ['halves of surrogate pairs', String.raw`{"message":"\ud800","metadata":{"\ud800":"\udfff\u0000"}}`, 202],
  ['half of a pair as a name', String.raw`{"message":"x","persona_id":"\udfff"}`, 422],
  ['a prototype', '{"message":"x","__proto__":{"admin":true}}', 422],
  ['a key twice', '{"message":"","message":"x"}', 202],
  ['a number beyond all', '{"message":"x","metadata":{"n":1e999}}', 202],
])('%s are answered, and the platform goes on', async (_name, body, status) => {
  const response = await fetch(`${url}/v1/session/message`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
  expect(response.status).toBe(status)
  const session = `after-${body.length}`
  await using client = await followSession(url, session)
  await say(url, 'still there?', session)
  await expect.poll(() => client.events().length, within).toBe(2)
})

test('the sessions API is there, too, and everything is described', async () => {
  expect((await fetch(`${url}/api/v1/sessions`)).status).toBe(200)
  const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object }
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['/v1/session/message', '/v1/session/{session_id}/events', '/health']),
  )
})

test('a role alone is refused without parts that it shares with the others', async () => {
  await expect(
    startPlatform({ settings: { ...defaultSettings(), logLevel: 'silent' }, roles: ['worker'] }),
  ).rejects.toThrow('set POSTGRES_DSN and KAFKA_BOOTSTRAP_SERVERS')
})
