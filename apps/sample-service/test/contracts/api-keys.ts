import { randomBytes } from 'node:crypto'

import { sql } from 'kysely'
import { expect, test } from 'vitest'

import { listActs } from '../../src/audit/audit-log.ts'
import type { Database } from '../../src/database/database.ts'
import { ApiKeyStore } from '../../src/keys/api-key-store.ts'
import type { KeyRing } from '../../src/keys/key-ring.ts'
import { SealError } from '../../src/keys/seal.ts'

const [old, next] = [randomBytes(32), randomBytes(32)]
const oldRing: KeyRing = { current: 'old', keys: new Map([['old', old]]) }
const bothRing: KeyRing = {
  current: 'new',
  keys: new Map([
    ['new', next],
    ['old', old],
  ]),
}
const newRing: KeyRing = { current: 'new', keys: new Map([['new', next]]) }
const zoe = { tenant: 'clinic', id: 'zoe' }
const mallory = { tenant: 'rival', id: 'zoe' }

/** What the store of API keys does on every database; `use` lends one without keys. */
export function apiKeyContract(
  name: string,
  use: (work: (database: Database) => Promise<void>) => Promise<void>,
): void {
  test(`${name}: API keys are stored encrypted, replaced, listed and removed, each user's apart`, () =>
    use(async (database) => {
      const keys = new ApiKeyStore(database, oldRing)
      const created = await keys.create(zoe, 'openai', 'sk-first')
      expect(created).toEqual({ name: 'openai', created_at: expect.any(Date), replaced_at: null })
      await expect(keys.create(zoe, 'openai', 'sk-other')).resolves.toBeUndefined()
      await expect(keys.replace(zoe, 'openai', 'sk-second')).resolves.toEqual({
        ...created,
        replaced_at: expect.any(Date),
      })
      await expect(keys.replace(zoe, 'none', 'sk')).resolves.toBeUndefined()
      await keys.create(zoe, 'empty', '')
      await keys.create(zoe, 'unicode', 'Zoë 🎲')
      await expect(keys.get(zoe, 'openai')).resolves.toBe('sk-second')
      await expect(keys.get(zoe, 'empty')).resolves.toBe('')
      await expect(keys.get(zoe, 'unicode')).resolves.toBe('Zoë 🎲')
      expect((await keys.list(zoe)).map(({ name: each }) => each)).toEqual(['empty', 'openai', 'unicode'])

      const stored = JSON.stringify(await database.query.selectFrom('api_keys').selectAll().execute())
      expect(stored).not.toMatch(/sk-|Zoë/)
      await expect(keys.get(mallory, 'openai')).resolves.toBeUndefined()
      await expect(keys.list(mallory)).resolves.toEqual([])
      await expect(keys.replace(mallory, 'openai', 'sk-mine')).resolves.toBeUndefined()
      await expect(keys.remove(mallory, 'openai')).resolves.toBe(false)
      await expect(keys.remove(zoe, 'openai')).resolves.toBe(true)
      await expect(keys.get(zoe, 'openai')).resolves.toBeUndefined()

      const { items } = await listActs(database, 'clinic', { limit: 100 })
      expect(items.map(({ user_id, action, subject }) => `${user_id} ${action} ${subject}`)).toEqual([
        'zoe api_key.delete openai',
        'zoe api_key.create unicode',
        'zoe api_key.create empty',
        'zoe api_key.replace openai',
        'zoe api_key.create openai',
      ])
      await expect(listActs(database, 'rival', { limit: 100 })).resolves.toMatchObject({ items: [] })
    }))

  test(`${name}: a row that is copied to another user, or changed, cannot be read`, () =>
    use(async (database) => {
      const keys = new ApiKeyStore(database, oldRing)
      await keys.create(zoe, 'openai', 'sk-1')
      await sql`insert into api_keys (tenant, user_id, name, sealed)
        select ${mallory.tenant}, ${mallory.id}, name, sealed from api_keys`.execute(database.query)
      await expect(keys.get(mallory, 'openai')).rejects.toThrow(SealError)
      await sql`update api_keys set sealed = overlay(sealed placing 'AAAA' from 12)`.execute(database.query)
      await expect(keys.get(zoe, 'openai')).rejects.toThrow(SealError)
    }))

  test(`${name}: after a rotation the old key is needed no more`, () =>
    use(async (database) => {
      const before = new ApiKeyStore(database, oldRing)
      const names = Array.from({ length: 120 }, (_, number) => `key-${number}`)
      for (const each of names) await before.create(zoe, each, `value of ${each}`)
      const during = new ApiKeyStore(database, bothRing)
      await during.replace(zoe, 'key-0', 'replaced')
      await expect(during.get(zoe, 'key-1')).resolves.toBe('value of key-1')
      await expect(new ApiKeyStore(database, newRing).get(zoe, 'key-1')).rejects.toThrow('The key old is not')
      await expect(during.rotate('rival')).resolves.toBe(0)
      await expect(during.rotate('clinic')).resolves.toBe(119)
      await expect(during.rotate()).resolves.toBe(0)
      const after = new ApiKeyStore(database, newRing)
      await expect(after.get(zoe, 'key-0')).resolves.toBe('replaced')
      await expect(after.get(zoe, 'key-119')).resolves.toBe('value of key-119')
      await expect(before.get(zoe, 'key-119')).rejects.toThrow(SealError)
    }))
}
