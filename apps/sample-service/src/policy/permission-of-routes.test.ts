import { once } from 'node:events'

import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'

import { bearerOf, tokenOf } from '../../test/follow-session.ts'
import { defaultSettings, startPlatform, type Platform } from '../platform.ts'
import { PolicyClient } from './policy-client.ts'
import type { PolicyRequest } from './policy.ts'

let platform: Platform
let headers: Record<string, string>
let decide: (request: PolicyRequest) => Promise<unknown>
let policy: PolicyClient

beforeAll(async () => {
  const engine = {
    kind: 'embedded OPA' as const,
    decide: (request: PolicyRequest) => decide(request),
    [Symbol.asyncDispose]: async () => {},
  }
  policy = new PolicyClient({ engine })
  const settings = { ...defaultSettings(), port: 0, logLevel: 'silent' }
  platform = await startPlatform({ settings, parts: { policy: () => policy } })
  headers = { 'content-type': 'application/json', ...bearerOf(await tokenOf(platform.url!, { role: 'client' })) }
}, 60_000)
afterAll(() => platform[Symbol.asyncDispose]())

const message = { method: 'POST', body: JSON.stringify({ message: 'x', session_id: 's', persona_id: 'p' }) }

async function statuses() {
  policy.invalidate()
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${platform.url}/v1/session/${path}`, { headers, ...init })
    return { status: response.status, body: await response.text() }
  }
  const answers = await Promise.all([ask('message', message), ask('s/events'), ask('s/events/e')])
  const socket = new WebSocket(`${platform.url!.replace('http', 'ws')}/v1/session/s/stream`, { headers })
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number; resume(): void }]
  response.resume()
  return { statuses: [...answers.map(({ status }) => status), response.statusCode], body: answers[0].body }
}

test('what the policy denies is 403 on every route and on the stream, with the reason', async () => {
  const asked: PolicyRequest[] = []
  decide = async (request) => {
    asked.push(request)
    return { allow: false, reason: 'not on Sundays' }
  }
  expect(await statuses()).toEqual({ statuses: [403, 403, 403, 403], body: '{"detail":"Denied: not on Sundays"}' })
  const shared = { tenant: 'development', resource: 'conversation', context: { role: 'client' } }
  expect(asked.sort((a, b) => b.action.localeCompare(a.action))).toEqual([
    { ...shared, persona: 'p', action: 'conversation.write' },
    { ...shared, persona: null, action: 'conversation.read' },
  ])
})

const domainRoutes: [string, string, object?][] = [
  ['GET', 'users/me'],
  ['POST', 'users', {}],
  ['GET', 'threads'],
  ['GET', 'threads/t'],
  ['POST', 'threads', { title: 'x' }],
  ['GET', 'agents/requests/r'],
  ['POST', 'agents/requests', { type: 'agent_request', agent: 'triage_agent', message: 'x' }],
  ['GET', 'api-keys'],
  ['POST', 'api-keys', { name: 'k', value: 'x' }],
  ['PUT', 'api-keys/k', { value: 'x' }],
  ['DELETE', 'api-keys/k'],
  ['POST', 'api-keys/encryption/rotate'],
  ['GET', 'budget'],
  ['PUT', 'budget', { limit: 1 }],
  ['GET', 'violations'],
  ['GET', 'audit'],
]

test.each(domainRoutes)(
  '%s /v1/%s asks the policy: 403 when it denies, 503 while it cannot decide',
  async (...route) => {
    const [method, path, body] = route
    const { authorization } = headers
    const ask = async () => {
      policy.invalidate()
      const response = await fetch(`${platform.url}/v1/${path}`, {
        method,
        headers: { authorization: authorization!, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      })
      return [response.status, await response.json()]
    }
    decide = async () => ({ allow: false, reason: 'not on Sundays' })
    expect(await ask()).toEqual([403, { detail: 'Denied: not on Sundays' }])
    decide = () => Promise.reject(new Error('no engine'))
    expect(await ask()).toEqual([503, { detail: 'Denied: the policy could not be decided' }])
  },
)

test('while nothing can be decided everything is 503', async () => {
  decide = () => Promise.reject(new Error('no engine'))
  expect((await statuses()).statuses).toEqual([503, 503, 503, 503])
})
