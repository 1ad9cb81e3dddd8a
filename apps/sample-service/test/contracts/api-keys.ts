import { randomBytes } from 'node:crypto'

import { sql } from 'kysely'
import { expect, test } from 'vitest'

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
      await keys.set(zoe, 'openai', 'sk-first')
      await keys.set(zoe, 'openai', 'sk-second')
      await keys.set(zoe, 'empty', '')
      await keys.set(zoe, 'unicode', 'Zoë 🎲')
      await expect(keys.get(zoe, 'openai')).resolves.toBe('sk-second')
      await expect(keys.get(zoe, 'empty')).resolves.toBe('')
      await expect(keys.get(zoe, 'unicode')).resolves.toBe('Zoë 🎲')
      await expect(keys.list(zoe)).resolves.toEqual(['empty', 'openai', 'unicode'])

      const stored = JSON.stringify(await database.query.selectFrom('api_keys').selectAll().execute())
      expect(stored).not.toMatch(/sk-|Zoë/)
      await expect(keys.get(mallory, 'openai')).resolves.toBeUndefined()
      await expect(keys.list(mallory)).resolves.toEqual([])
      await expect(keys.remove(mallory, 'openai')).resolves.toBe(false)
      await expect(keys.remove(zoe, 'openai')).resolves.toBe(true)
      await expect(keys.get(zoe, 'openai')).resolves.toBeUndefined()
    }))

  test(`${name}: a row that is copied to another user, or changed, cannot be read`, () =>
    use(async (database) => {
      const keys = new ApiKeyStore(database, oldRing)
      await keys.set(zoe, 'openai', 'sk-1')
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
      for (const each of names) await before.set(zoe, each, `value of ${each}`)
      const during = new ApiKeyStore(database, bothRing)
      await during.set(zoe, 'key-0', 'replaced')
      await expect(during.get(zoe, 'key-1')).resolves.toBe('value of key-1')
      await expect(new ApiKeyStore(database, newRing).get(zoe, 'key-1')).rejects.toThrow('The key old is not')
      await expect(during.rotate()).resolves.toBe(119)
      await expect(during.rotate()).resolves.toBe(0)
      const after = new ApiKeyStore(database, newRing)
      await expect(after.get(zoe, 'key-0')).resolves.toBe('replaced')
      await expect(after.get(zoe, 'key-119')).resolves.toBe('value of key-119')
      await expect(before.get(zoe, 'key-119')).rejects.toThrow(SealError)
    }))
}
