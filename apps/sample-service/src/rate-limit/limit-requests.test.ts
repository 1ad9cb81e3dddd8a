import { afterAll, beforeAll, expect, test } from 'vitest'

import { bearerOf, tokenOf } from '../../test/follow-session.ts'
import { defaultSettings, startPlatform, type Platform } from '../platform.ts'
import { InFlightLimiter } from './in-flight-limiter.ts'

const within = { timeout: 30_000, interval: 10 }
const limiter = new InFlightLimiter({ maxWaiting: 3 })
let platform: Platform
let gate: PromiseWithResolvers<void>
let asked = 0

beforeAll(async () => {
  const settings = { ...defaultSettings(), port: 0, logLevel: 'silent' }
  platform = await startPlatform({ settings, parts: { limiter: () => limiter } })
  const policy = await platform.parts.get('policy')
  // Requests stay in flight for as long as their permission is under way.
  const evaluate = policy.evaluate.bind(policy)
  policy.evaluate = async (request) => {
    asked += 1
    await gate.promise
    return evaluate(request)
  }
}, 60_000)
afterAll(() => platform[Symbol.asyncDispose]())

const request = (token: string, signal?: AbortSignal) =>
  fetch(`${platform.url}/v1/session/nothing/events`, { headers: bearerOf(token), ...(signal && { signal }) })

test('the eleventh request of a user waits, the fifteenth is 429, another user goes on, and nothing is left', async () => {
  gate = Promise.withResolvers()
  asked = 0
  const [zoe, other] = await Promise.all([
    tokenOf(platform.url!, { id: 'zoe' }),
    tokenOf(platform.url!, { id: 'other' }),
  ])
  const ten = Array.from({ length: 10 }, () => request(zoe))
  await expect.poll(() => asked, within).toBe(10)
  const three = Array.from({ length: 3 }, () => request(zoe))
  await expect.poll(() => limiter.loadOf(JSON.stringify(['development', 'zoe'])).waiting, within).toBe(3)
  const refused = await request(zoe)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  const elsewhere = request(other)
  await expect.poll(() => asked, within).toBe(11)
  gate.resolve()
  const answers = await Promise.all([...ten, ...three, elsewhere])
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 14 }, () => 404))
  await expect.poll(() => limiter.users, within).toBe(0)
})

test('clients that go away give their places free, in flight and waiting', async () => {
  gate = Promise.withResolvers()
  asked = 0
  const token = await tokenOf(platform.url!, { id: 'hasty' })
  const gone = new AbortController()
  const requests = Array.from({ length: 12 }, () => request(token, gone.signal).catch(() => {}))
  await expect
    .poll(() => limiter.loadOf(JSON.stringify(['development', 'hasty'])), within)
    .toEqual({ inFlight: 10, waiting: 2 })
  gone.abort()
  await Promise.all(requests)
  await expect.poll(() => limiter.users, within).toBe(0)
  gate.resolve()
  expect((await request(token)).status).toBe(404)
})
