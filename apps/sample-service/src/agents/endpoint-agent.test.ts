import { expect, test } from 'vitest'

import { completion, startCompletionServer, type CompletionReply } from '../../test/completion-server.ts'
import { AgentFailure, AgentRefusal } from './agent.ts'
import { endpointAgent } from './endpoint-agent.ts'

const forever = (): AbortSignal => new AbortController().signal
const agentAt = (baseUrl: string, fields: object = {}) =>
  endpointAgent('gemini', { baseUrl, apiKey: 'key', model: 'm', price: undefined, maxOutputBytes: 10_000, ...fields })

test('an endpoint gets the prompt with its key, and tells tokens from which the cost follows', async () => {
  await using server = await startCompletionServer(() => completion('Hello Zoë'))
  const price = { input_per_1k: 0.002, output_per_1k: 0.01 }
  const answer = await agentAt(server.baseUrl, { price }).answer('Say hello', forever())
  expect(answer).toEqual({
    text: 'Hello Zoë',
    model: 'model-of-the-test',
    tokens: { input: 1000, output: 500, estimated: false },
    cost_usd: 0.007,
    simulated: false,
  })
  const [request] = server.requests
  expect(request?.headers.authorization).toBe('Bearer key')
  expect(request?.body).toEqual({ model: 'm', messages: [{ role: 'user', content: 'Say hello' }] })
})

test.each<[string, CompletionReply, typeof AgentFailure | typeof AgentRefusal, RegExp]>([
  ['a 500', { status: 500, body: 'oops' }, AgentFailure, /answered 500: oops/],
  ['a 429', { status: 429, body: '{}' }, AgentFailure, /answered 429/],
  ['a wrong key', { status: 401, body: '{}' }, AgentFailure, /answered 401/],
  ['a request that is too long', { status: 400, body: 'context_length_exceeded' }, AgentRefusal, /context_length/],
  [
    'a filtered answer',
    completion('', { choices: [{ message: {}, finish_reason: 'content_filter' }] }),
    AgentRefusal,
    /filtered/,
  ],
  ['an empty answer', completion('  '), AgentFailure, /empty text/],
  ['an answer without text', completion(null), AgentFailure, /empty text/],
  ['no choice', completion('', { choices: [] }), AgentFailure, /not answer with a chat completion/],
  ['half a JSON', { body: '{"choices":[' }, AgentFailure, /not answer with a chat completion/],
  ['too much', completion('x'.repeat(20_000)), AgentFailure, /more than 10000 bytes/],
  ['a broken connection', 'hang up', AgentFailure, /cannot be reached/],
  [
    'a redirection',
    { status: 307, body: '', headers: { location: 'http://127.0.0.1:1/' } },
    AgentFailure,
    /cannot be reached/,
  ],
])('%s is told apart', async (_what, reply, kind, message) => {
  await using server = await startCompletionServer(() => reply)
  const error: unknown = await agentAt(server.baseUrl)
    .answer('p', forever())
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(kind)
  expect((error as Error).message).toMatch(message)
})

test('an endpoint that does not answer is given up when the signal says so', async () => {
  const stop = new AbortController()
  await using server = await startCompletionServer(() => {
    stop.abort()
    return 'hang'
  })
  await expect(agentAt(server.baseUrl).answer('p', stop.signal)).rejects.toThrow(/took too long/)
})
