import { expect, test } from 'vitest'

import { OversizeError, PoisonError, UnavailableError } from '../../src/bus/errors.ts'
import type { Delivery, EventBus, Handler } from '../../src/bus/event-bus.ts'
import { MAX_MESSAGE_BYTES } from '../../src/bus/message-text.ts'

/** How long a record may take: joining a group of Kafka takes seconds. */
const within = { timeout: 30_000, interval: 20 }
const fast = { firstDelayMs: 5, maxDelayMs: 20 }

/** What every event bus does; `use` lends a fresh one to a test. */
export function eventBusContract(name: string, use: (work: (bus: EventBus) => Promise<void>) => Promise<void>): void {
  const contract = (title: string, work: (bus: EventBus) => Promise<void>): void => {
    // oxlint-disable-next-line vitest/expect-expect -- the work that it is given asserts
    test(`${name}: ${title}`, () => use(work), 60_000)
  }

  contract('values arrive as they were, with unicode, nesting and null', async (bus) => {
    const value = { text: 'Zoë 🎲 \u0000', nested: [{ deep: [null, true, 1.5, ''] }], nothing: null }
    const seen: Delivery[] = []
    await bus.publish('t', [{ key: 'k', value }])
    await bus.consume('t', 'g', collect(seen))
    await expect.poll(() => seen, within).toEqual([{ topic: 't', key: 'k', value }])
  })

  contract('the order of a key is kept, while other keys do not wait for a slow one', async (bus) => {
    const seen: Delivery[] = []
    const slow = Promise.withResolvers<void>()
    await bus.consume('t', 'g', async (delivery) => {
      if (delivery.key === 'slow' && delivery.value === 0) await slow.promise
      seen.push(delivery)
    })
    const numbers = Array.from({ length: 20 }, (_, number) => number)
    await bus.publish(
      't',
      numbers.flatMap((value) => ['slow', 'a', 'b'].map((key) => ({ key, value }))),
    )
    const of = (key: string) => seen.filter((delivery) => delivery.key === key).map(({ value }) => value)
    await expect.poll(() => [of('a'), of('b')], within).toEqual([numbers, numbers])
    expect(of('slow')).toEqual([])
    slow.resolve()
    await expect.poll(() => of('slow'), within).toEqual(numbers)
  })

  contract('each group gets every message', async (bus) => {
    const first: Delivery[] = []
    const second: Delivery[] = []
    await Promise.all([bus.consume('t', 'g1', collect(first)), bus.consume('t', 'g2', collect(second))])
    await bus.publish('t', [{ key: 'k', value: 1 }])
    await expect.poll(() => [first.length, second.length], within).toEqual([1, 1])
  })

  contract(
    'a group that begins with the latest hears what is published from then on, and nothing else',
    async (bus) => {
      const seen: Delivery[] = []
      await bus.publish('t', [{ key: 'k', value: 'before' }])
      await bus.consume('t', 'g', collect(seen), { from: 'latest' })
      await bus.publish('t', [{ key: 'k', value: 'after' }])
      await expect.poll(() => seen.map(({ value }) => value), within).toEqual(['after'])
    },
  )

  contract('a handler that fails is called again, and the next message of the key waits', async (bus) => {
    const calls: unknown[] = []
    await bus.consume(
      't',
      'g',
      async ({ value }) => {
        calls.push(value)
        if (calls.length < 3) throw new Error('not now')
      },
      { retry: fast },
    )
    await bus.publish('t', [
      { key: 'k', value: 1 },
      { key: 'k', value: 2 },
    ])
    await expect.poll(() => calls, within).toEqual([1, 1, 1, 2])
  })

  contract('after the last attempt a message becomes a dead letter with the reason', async (bus) => {
    const letters: Delivery[] = []
    await bus.consume('t.dead-letter', 'undertaker', collect(letters))
    await bus.consume('t', 'g', () => Promise.reject(new Error('the plate is hot')), {
      retry: { ...fast, attempts: 3 },
    })
    await bus.publish('t', [{ key: 'k', value: { soup: 1 } }])
    await expect
      .poll(() => letters.map(({ key, value }) => ({ key, value })), within)
      .toEqual([
        { key: 'k', value: { reason: 'the plate is hot', topic: 't', group: 'g', attempts: 3, value: { soup: 1 } } },
      ])
  })

  contract('poison is buried at once, and what comes after it is handled', async (bus) => {
    const letters: Delivery[] = []
    const handled: unknown[] = []
    await bus.consume('t.dead-letter', 'undertaker', collect(letters))
    await bus.consume('t', 'g', async ({ value }) => {
      if (value === 'poison') throw new PoisonError('cannot be eaten')
      handled.push(value)
    })
    await bus.publish('t', [
      { key: 'k', value: 'poison' },
      { key: 'k', value: 'bread' },
    ])
    await expect.poll(() => handled, within).toEqual(['bread'])
    await expect
      .poll(() => letters.map(({ value }) => value), within)
      .toMatchObject([{ reason: 'cannot be eaten', attempts: 1 }])
  })

  contract('a message that no broker takes is refused before anything is published', async (bus) => {
    const seen: Delivery[] = []
    await bus.consume('t', 'g', collect(seen))
    // In bytes and as JSON: each of these takes two.
    const large = { key: 'k', value: 'ä'.repeat(MAX_MESSAGE_BYTES / 2) }
    await expect(bus.publish('t', [{ key: 'k', value: 'with it' }, large])).rejects.toThrow(OversizeError)
    await bus.publish('t', [{ key: 'k', value: 'small' }])
    await expect.poll(() => seen.map(({ value }) => value), within).toEqual(['small'])
  })

  contract('messages that are more than a broker takes at once arrive, in order', async (bus) => {
    const seen: Delivery[] = []
    await bus.consume('t', 'g', collect(seen))
    const messages = Array.from({ length: 12 }, (_, number) => ({
      key: 'k',
      value: `${number} ${'x'.repeat(300_000)}`,
    }))
    await bus.publish('t', messages)
    await expect
      .poll(() => seen.map(({ value }) => Number.parseInt(String(value))), within)
      .toEqual(messages.map((_, number) => number))
  })

  contract('poison that is as large as can be is buried with its beginning', async (bus) => {
    const letters: Delivery[] = []
    const handled: unknown[] = []
    await bus.consume('t.dead-letter', 'undertaker', collect(letters))
    await bus.consume('t', 'g', async ({ value }) => {
      if (value !== 'bread') throw new PoisonError('cannot be eaten: '.padEnd(MAX_MESSAGE_BYTES, '!'))
      handled.push(value)
    })
    await bus.publish('t', [
      { key: 'k', value: { quotes: ['"'.repeat(MAX_MESSAGE_BYTES / 2 - 100)] } },
      { key: 'k', value: 'bread' },
    ])
    await expect.poll(() => handled, within).toEqual(['bread'])
    await expect
      .poll(() => letters.map(({ value }) => value), within)
      .toMatchObject([
        {
          reason: expect.stringMatching(/^cannot be eaten: !+…$/),
          value: expect.stringMatching(/^\{"quotes":\["(\\")+\\?…$/),
        },
      ])
  })

  contract('a message waits, however often it is tried, while something is unavailable', async (bus) => {
    let calls = 0
    await bus.consume(
      't',
      'g',
      async () => {
        calls += 1
        if (calls <= 10) throw new UnavailableError('away')
      },
      { retry: { ...fast, attempts: 2 } },
    )
    const letters: Delivery[] = []
    await bus.consume('t.dead-letter', 'undertaker', collect(letters))
    await bus.publish('t', [{ key: 'k', value: 1 }])
    await expect.poll(() => calls, within).toBe(11)
    expect(letters).toEqual([])
  })

  contract('closing a consumer waits for its handler, and what it did not finish reaches the next one', async (bus) => {
    const begun = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const finished: unknown[] = []
    const consumer = await bus.consume('t', 'g', async ({ value }) => {
      if (value === 'never') throw new UnavailableError('away')
      begun.resolve()
      await release.promise
      finished.push(value)
    })
    await bus.publish('t', [
      { key: 'a', value: 'never' },
      { key: 'b', value: 'slow' },
    ])
    await begun.promise
    const closed = consumer[Symbol.asyncDispose]()
    release.resolve()
    await closed
    expect(finished).toEqual(['slow'])

    const again: Delivery[] = []
    await bus.consume('t', 'g', collect(again))
    await expect.poll(() => again.map(({ value }) => value), within).toContain('never')
  })
}

function collect(into: Delivery[]): Handler {
  return async (delivery) => {
    into.push(delivery)
  }
}
