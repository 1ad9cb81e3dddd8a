import { expect, test } from 'vitest'

import { eventBusContract } from '../../test/contracts/event-bus.ts'
import { MemoryEventBus } from './memory-event-bus.ts'

eventBusContract('in this process', async (work) => {
  await using bus = new MemoryEventBus()
  await work(bus)
})

test('a closed bus refuses messages in place of losing them', async () => {
  const bus = new MemoryEventBus()
  await bus[Symbol.asyncDispose]()
  await expect(bus.publish('t', [{ key: 'k', value: 1 }])).rejects.toThrow('The event bus is closed.')
  await expect(bus.ping()).rejects.toThrow('closed')
})

test('a group that comes late finds the last ten thousand messages, and those in order', async () => {
  await using bus = new MemoryEventBus()
  const numbers = Array.from({ length: 30_000 }, (_, number) => number)
  await bus.publish(
    't',
    numbers.map((value) => ({ key: 'k', value })),
  )
  const read: unknown[] = []
  await bus.consume('t', 'late', async ({ value }) => void read.push(value))
  await expect.poll(() => read.at(-1), { timeout: 30_000 }).toBe(29_999)
  expect(read).toEqual(numbers.slice(20_000))
})
