import { expect, test } from 'vitest'

import { SessionOwners } from '../../src/auth/session-owners.ts'
import { deadLetterTopic } from '../../src/bus/event-bus.ts'
import { MemoryEventBus } from '../../src/bus/memory-event-bus.ts'
import { MAX_MESSAGE_BYTES } from '../../src/bus/message-text.ts'
import type { Database } from '../../src/database/database.ts'
import { decodeCursor } from '../../src/database/page.ts'
import type { ConversationEvent } from '../../src/events/conversation-event.ts'
import { AnswerWriter } from '../../src/outbox/answer-writer.ts'
import { EventWriter } from '../../src/outbox/event-writer.ts'
import { oncePerEvent } from '../../src/outbox/once-per-event.ts'
import { OutboxDispatcher } from '../../src/outbox/outbox-dispatcher.ts'
import { addToOutbox } from '../../src/outbox/outbox.ts'
import { PostgresSessionStore } from '../../src/sessions/postgres-session-store.ts'

/** What the platform needs of its database, embedded or not; `use` lends an empty one to a test. */
export function databaseContract(
  name: string,
  use: (work: (database: Database) => Promise<void>) => Promise<void>,
): void {
  const contract = (title: string, work: (database: Database) => Promise<void>): void => {
    // oxlint-disable-next-line vitest/expect-expect -- the work that it is given asserts
    test(`${name}: ${title}`, () => use(work), 60_000)
  }

  contract('events are listed newest first, page by page, each once', async (database) => {
    const store = new PostgresSessionStore(database)
    for (const id of ['e1', 'e2', 'e3', 'e4', 'e5']) await store.appendEvent(eventOf(id))
    await store.appendEvent(eventOf('other', { session_id: 's2' }))
    const first = await store.listEvents('s1', { limit: 2 })
    expect(first.items.map(({ event_id }) => event_id)).toEqual(['e5', 'e4'])
    // What comes between two pages moves nothing.
    await store.appendEvent(eventOf('e6'))
    const second = await store.listEvents('s1', { limit: 3, before: decodeCursor(first.next!)! })
    expect(second.items.map(({ event_id }) => event_id)).toEqual(['e3', 'e2', 'e1'])
    expect(second.next).toBeUndefined()
  })

  contract('an event comes back as it was, and a second one with its id changes nothing', async (database) => {
    const store = new PostgresSessionStore(database)
    const event = eventOf('e1', {
      message: 'Zoë 🎲 \u0000',
      metadata: { b: null, a: [1, { x: '' }] },
      attachments: ['a'],
    })
    await store.appendEvent(event)
    await store.appendEvent({ ...event, message: 'other' })
    await expect(store.findEvent('s1', 'e1')).resolves.toMatchObject({ event })
    expect((await store.listEvents('s1', { limit: 10 })).items).toEqual([event])
  })

  contract(
    'many writers at once: every event is stored with its outbox message, in few transactions',
    async (database) => {
      const store = new PostgresSessionStore(database)
      let commits = 0
      const writer = new EventWriter(database, store, new SessionOwners(database), () => (commits += 1))
      const ids = Array.from({ length: 200 }, (_, number) => `e${number}`)
      await Promise.all(
        ids.map((id, number) =>
          writer.write(eventOf(id, { session_id: `s${number % 7}` }), 'topic', { tenant: 't', id: 'u' }),
        ),
      )
      const rows = await database.query.selectFrom('outbox').select(['key', 'value']).orderBy('sequence').execute()
      expect(rows.map(({ value }) => (value as ConversationEvent).event_id).sort()).toEqual([...ids].sort())
      expect(commits).toBeLessThan(10)
    },
  )

  contract(
    'many answers at once: each is stored and published once, though two workers write them',
    async (database) => {
      const store = new PostgresSessionStore(database)
      let commits = 0
      const workers = ['w1', 'w2'].map(
        () => new AnswerWriter({ database, store, consumer: 'worker', onCommitted: () => (commits += 1) }),
      )
      const asked = Array.from({ length: 100 }, (_, number) => `q${number}`)
      const answers = workers.flatMap((worker) =>
        asked.map((id, number) =>
          worker.write(id, eventOf(`a${number}`, { session_id: `s${number % 7}`, role: 'assistant' })),
        ),
      )
      await Promise.all(answers)
      await workers[0]!.write('q1', eventOf('another answer', { role: 'assistant' }))
      const rows = await database.query.selectFrom('outbox').select(['topic', 'value']).execute()
      expect(rows.map(({ value }) => (value as ConversationEvent).event_id).sort()).toEqual(
        asked.map((_, number) => `a${number}`).sort(),
      )
      expect(new Set(rows.map(({ topic }) => topic))).toEqual(new Set(['conversation.outbound']))
      expect(commits).toBeLessThan(10)
    },
  )

  contract(
    'the newest events of several sessions are read at once, in the order that is asked for',
    async (database) => {
      const store = new PostgresSessionStore(database)
      for (const id of ['e1', 'e2', 'e3']) await store.appendEvent(eventOf(id))
      await store.appendEvent(eventOf('other', { session_id: 's2' }))
      const newest = await store.newestOf(['s2', 'none', 's1', 's2'], 2)
      expect(newest.map((events) => events.map(({ event_id }) => event_id))).toEqual([
        ['other'],
        [],
        ['e3', 'e2'],
        ['other'],
      ])
    },
  )

  contract('a reader that goes by numbers never misses an event of a session that commits late', async (database) => {
    const store = new PostgresSessionStore(database)
    const seen: number[] = []
    const written = Promise.all(
      Array.from({ length: 40 }, (_, number) =>
        database.query.transaction().execute((transaction) => store.appendEvents(transaction, [eventOf(`e${number}`)])),
      ),
    )
    let done = false
    void written.then(() => (done = true))
    const read = async (): Promise<void> => {
      for (const { sequence } of await store.eventsAfter('s1', seen.at(-1) ?? 0, 100)) seen.push(sequence)
    }
    while (!done) await read()
    await read()
    expect(seen).toHaveLength(40)
  })

  contract(
    'an event is processed once per consumer, also by two at once; a failure leaves no trace',
    async (database) => {
      const effect = (key: string) =>
        oncePerEvent(database, 'consumer', 'e1', (transaction) =>
          addToOutbox(transaction, [{ topic: 't', key, value: 1 }]),
        )
      await expect(
        oncePerEvent(database, 'consumer', 'e1', () => Promise.reject(new Error('in the middle'))),
      ).rejects.toThrow('in the middle')
      const outcomes = await Promise.all([effect('a'), effect('b'), effect('c')])
      expect(outcomes.filter(Boolean)).toHaveLength(1)
      await expect(effect('d')).resolves.toBe(false)
      await expect(oncePerEvent(database, 'another', 'e1', async () => {})).resolves.toBe(true)
      expect(await database.query.selectFrom('outbox').select('key').execute()).toHaveLength(1)
    },
  )

  contract(
    'what no broker takes is buried, and does not hold up what comes after it in the outbox',
    async (database) => {
      await using bus = new MemoryEventBus()
      const published: unknown[] = []
      const letters: unknown[] = []
      await bus.consume('t', 'g', async ({ value }) => void published.push(value))
      await bus.consume(deadLetterTopic('t'), 'undertaker', async ({ key, value }) => void letters.push([key, value]))
      const large = 'x'.repeat(MAX_MESSAGE_BYTES)
      await database.query.transaction().execute((transaction) =>
        addToOutbox(transaction, [
          { topic: 't', key: 'k', value: 'before' },
          { topic: 't', key: 'large', value: large },
          { topic: 't', key: 'k', value: 'after' },
        ]),
      )
      await using dispatcher = new OutboxDispatcher({ database, bus })
      dispatcher.notify()
      await expect.poll(() => published, { timeout: 30_000 }).toEqual(['before', 'after'])
      await expect
        .poll(() => letters, { timeout: 30_000 })
        .toEqual([
          [
            'large',
            {
              reason: expect.stringContaining('1000002 bytes'),
              topic: 't',
              group: 'outbox',
              attempts: 1,
              value: expect.stringMatching(/^"x+…$/),
            },
          ],
        ])
    },
  )
}

export function eventOf(event_id: string, fields: Partial<ConversationEvent> = {}): ConversationEvent {
  return {
    event_id,
    session_id: 's1',
    role: 'user',
    message: 'Hello',
    attachments: [],
    metadata: {},
    persona_id: null,
    ...fields,
  }
}
