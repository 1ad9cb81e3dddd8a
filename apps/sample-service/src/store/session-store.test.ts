import { randomUUID } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { findPostgres } from '../../test/local-postgres.ts'
import type { Session } from '../schemas/session.ts'
import { openPgliteStore } from './pglite.ts'
import { openPostgresStore } from './postgres.ts'
import type { SessionStore } from './session-store.ts'

const found = await findPostgres()
const required = process.env['KEPLOY_REQUIRE_SERVICES'] === 'all'

function session(change: Partial<Session> = {}): Session {
  return {
    id: randomUUID(),
    type: 'adventure',
    title: 'The Lost Temple',
    description: 'A quest',
    status: 'active',
    created_at: '2026-01-02T03:04:05.678Z',
    ...change,
  }
}

/** What every store does, whatever it runs on. */
function keepsSessions(open: () => Promise<SessionStore>): void {
  let store: SessionStore

  beforeAll(async () => {
    store = await open()
  }, 60_000)
  afterAll(() => store[Symbol.asyncDispose]())

  test('a session is found as it was created', async () => {
    const created = await store.create(session())
    await expect(store.find(created.id)).resolves.toEqual(created)
  })

  test('an id that nobody has is not found and not removed', async () => {
    await expect(store.find('invalid')).resolves.toBeUndefined()
    await expect(store.remove('invalid')).resolves.toBe(false)
  })

  test('a removed session is gone, and removing it again says so', async () => {
    const { id } = await store.create(session())
    await expect(store.remove(id)).resolves.toBe(true)
    await expect(store.find(id)).resolves.toBeUndefined()
    await expect(store.remove(id)).resolves.toBe(false)
  })

  test('the list is newest first, also for sessions of the same millisecond, and stops at the limit', async () => {
    const ids = [randomUUID(), randomUUID(), randomUUID()]
    for (const id of ids) await store.create(session({ id }))
    const listed = await store.list({ limit: 2 })
    expect(listed.map(({ id }) => id)).toEqual([ids[2], ids[1]])
  })

  test('text comes back unchanged, whatever is in it', async () => {
    const title = `'; drop table sessions; -- "\\ \u{1F409} <script>`
    const { id } = await store.create(session({ title }))
    await expect(store.find(id)).resolves.toMatchObject({ title })
  })

  test('an id can be used once', async () => {
    const { id } = await store.create(session())
    await expect(store.create(session({ id }))).rejects.toThrow('sessions_id_key')
  })

  test('it answers a ping', async () => {
    await expect(store.ping()).resolves.toBeUndefined()
  })
}

describe('the store on an embedded Postgres', () => {
  keepsSessions(openPgliteStore)

  test('a closed store rejects a ping', async () => {
    const store = await openPgliteStore()
    await store[Symbol.asyncDispose]()
    await expect(store.ping()).rejects.toThrow('closed')
  }, 60_000)
})

const reason = 'missing' in found ? ` (skipped: ${found.missing})` : ''
describe.skipIf(reason !== '' && !required)(`the store on a Postgres by URL${reason}`, () => {
  let postgres: { url: string } & AsyncDisposable

  beforeAll(async () => {
    if ('missing' in found) throw new Error(found.missing)
    postgres = await found.source.start()
  }, 60_000)
  afterAll(() => postgres[Symbol.asyncDispose]())

  keepsSessions(() => openPostgresStore(postgres.url))

  test('two that start together on one database both come up', async () => {
    const stores = await Promise.all([openPostgresStore(postgres.url), openPostgresStore(postgres.url)])
    const { id } = await stores[0].create(session())
    await expect(stores[1].find(id)).resolves.toBeDefined()
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()))
  })

  test('a database that does not exist is reported when the store is opened', async () => {
    await expect(openPostgresStore(`${postgres.url}_missing`)).rejects.toThrow('does not exist')
  })
})
