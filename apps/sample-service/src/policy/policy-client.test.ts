import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

import { describe, expect, test } from 'vitest'

import { opaServerEngine } from './opa-server-engine.ts'
import { PolicyClient } from './policy-client.ts'
import type { PolicyEngine, PolicyRequest } from './policy.ts'

const asked: PolicyRequest = { tenant: 't', persona: null, action: 'a', resource: 'r', context: {} }
const unavailable = { allow: false, reason: 'the policy could not be decided', unavailable: true }

/** An engine that is a function, and how often it was asked. */
function engineOf(decide: (request: PolicyRequest, time: number) => unknown) {
  const state = { asked: 0 }
  const engine: PolicyEngine = {
    kind: 'embedded OPA',
    decide: async (request) => decide(request, ++state.asked),
    [Symbol.asyncDispose]: async () => {},
  }
  return { engine, state }
}

describe('decisions are used again', () => {
  test('for a few seconds, and only for the same question', async () => {
    let now = 0
    const { engine, state } = engineOf((_request, time) => ({ allow: true, reason: `decision ${time}` }))
    const policy = new PolicyClient({ engine, ttlMs: 5_000, now: () => now })
    const first = await policy.evaluate(asked)
    now = 4_999
    expect(await policy.evaluate({ ...asked })).toEqual(first)
    for (const other of [
      { tenant: 'u' },
      { persona: 'p' },
      { action: 'b' },
      { resource: 's' },
      { context: { x: 1 } },
    ]) {
      expect(await policy.evaluate({ ...asked, ...other })).not.toEqual(first)
    }
    expect(state.asked).toBe(6)
    now = 5_000
    await expect(policy.evaluate(asked)).resolves.toEqual({ allow: true, reason: 'decision 7' })
  })

  test('until they are invalidated, those that were on their way included', async () => {
    let allow = true
    const gate = Promise.withResolvers<void>()
    const { engine } = engineOf(async (_request, time) => {
      const decided = { allow, reason: '' }
      if (time === 1) await gate.promise
      return decided
    })
    const policy = new PolicyClient({ engine, timeoutMs: 60_000 })
    const early = policy.evaluate(asked)
    allow = false
    policy.invalidate()
    gate.resolve()
    await expect(early).resolves.toMatchObject({ allow: true })
    await expect(policy.evaluate(asked)).resolves.toMatchObject({ allow: false })
  })

  test('and one question of many at once is asked once; no more are remembered than there is room for', async () => {
    const { engine, state } = engineOf(() => ({ allow: true, reason: '' }))
    const policy = new PolicyClient({ engine, capacity: 2 })
    await Promise.all(Array.from({ length: 50 }, () => policy.evaluate(asked)))
    expect(state.asked).toBe(1)
    for (const resource of ['x', 'y', 'r']) await policy.evaluate({ ...asked, resource })
    expect(state.asked).toBe(4)
  })
})

describe('it fails closed', () => {
  test.each<[string, () => unknown]>([
    ['an engine that fails', () => Promise.reject(new Error('broken'))],
    ['an engine that never answers', () => new Promise(() => {})],
    ['no decision', () => undefined],
    ['a decision that is almost one', () => ({ allow: 'true', reason: 'x' })],
    ['a decision that is another', () => true],
  ])('%s is a denial, which is told and not remembered', async (_name, wrong) => {
    const problems: string[] = []
    const { engine } = engineOf((_request, time) => (time === 1 ? wrong() : { allow: true, reason: 'back' }))
    const policy = new PolicyClient({ engine, timeoutMs: 200, onProblem: (problem) => problems.push(problem) })
    await expect(policy.evaluate(asked)).resolves.toEqual(unavailable)
    expect(problems).toEqual(['the policy could not be decided'])
    await expect(policy.evaluate(asked)).resolves.toEqual({ allow: true, reason: 'back' })
  })

  test.each<[string, RequestListener]>([
    ['an error', (_request, response) => response.writeHead(500).end('{}')],
    ['a server without the rules', (_request, response) => response.end('{}')],
    ['something else', (_request, response) => response.end('<html>')],
    ['a connection that breaks', (request) => request.socket.destroy()],
    ['no answer', () => {}],
  ])('from an OPA server: %s is a denial', async (_name, listener) => {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await using policy = new PolicyClient({ engine: opaServerEngine(url), timeoutMs: 500 })
    await expect(policy.evaluate(asked)).resolves.toEqual(unavailable)
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
    await expect(policy.evaluate(asked)).resolves.toEqual(unavailable)
  })
})
