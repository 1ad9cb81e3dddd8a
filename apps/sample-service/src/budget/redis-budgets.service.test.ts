/**
 * Segment: teams that copy this service
 * Goal: code that can be trusted because it was tried
 * Value: a budget that is never overdrawn, by however many processes
 * Impact: a mistake here would be copied into many services
 */
import { redis, startFixtures } from '@keploy-framework/fixtures'
import { afterAll, expect, test } from 'vitest'

import { budgetContract } from '../../test/contracts/budgets.ts'
import { UnavailableError } from '../bus/errors.ts'
import { RedisBudgets } from './redis-budgets.ts'

const fixtures = startFixtures({ redis: redis() })
afterAll(() => fixtures.close())

budgetContract('Redis', async (work) => {
  await using lease = await fixtures.acquire('redis')
  await using budgets = new RedisBudgets(lease.url)
  await budgets.connect()
  await work(budgets)
})

test('a thousand from several processes never overshoot', async () => {
  await using lease = await fixtures.acquire('redis')
  const workers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const budgets = new RedisBudgets(lease.url)
      await budgets.connect()
      return budgets
    }),
  )
  await workers[0]!.setBudgetLimit('t', 500)
  const outcomes = await Promise.all(
    Array.from({ length: 1_000 }, (_, index) => workers[index % workers.length]!.consume('t', 'p', 1)),
  )
  expect(outcomes.filter(({ allowed }) => allowed)).toHaveLength(500)
  await expect(workers[3]!.consume('t', 'p', 0)).resolves.toEqual({ allowed: true, total_tokens: 500 })
  await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()))
})

test('without Redis nothing is allowed, and the message waits; what was used is there afterwards', async () => {
  await using lease = await fixtures.acquire('redis')
  await using budgets = new RedisBudgets(lease.url)
  await budgets.connect()
  await budgets.consume('t', 'p', 5)
  await lease.faults.stop()
  await expect(budgets.consume('t', 'p', 5)).rejects.toThrow(UnavailableError)
  await expect(budgets.setBudgetLimit('t', 5)).rejects.toThrow(UnavailableError)
  await lease.faults.start()
  const read = () => budgets.consume('t', 'p', 0).catch(() => undefined)
  await expect.poll(async () => (await read())?.allowed, { timeout: 30_000 }).toBe(true)
}, 60_000)
