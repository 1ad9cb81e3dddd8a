import type { UserKey } from '../auth/user.ts'
import type { Database } from '../database/database.ts'
import type { KeyRing } from './key-ring.ts'
import { keyIdOf, open, seal } from './seal.ts'

/** How many values one step of `rotate` reads. */
const PAGE = 100

/**
 * API keys of users for services of others, in the table `api_keys`, encrypted. Each is bound to its tenant, its user and
 * its name: a row that is copied to another user cannot be read there.
 */
export class ApiKeyStore {
  readonly #database: Database
  readonly #ring: KeyRing

  constructor(database: Database, ring: KeyRing) {
    this.#database = database
    this.#ring = ring
  }

  /** Stores a key under a name, in place of the one that was there. */
  async set(user: UserKey, name: string, value: string): Promise<void> {
    const sealed = seal(value, [user.tenant, user.id, name], this.#ring)
    await this.#database.query
      .insertInto('api_keys')
      .values({ tenant: user.tenant, user_id: user.id, name, sealed })
      .onConflict((conflict) => conflict.columns(['tenant', 'user_id', 'name']).doUpdateSet({ sealed }))
      .execute()
  }

  /**
   * Undefined when the user has no key of this name.
   *
   * @throws SealError when the stored value was changed, or its key is not on the ring
   */
  async get(user: UserKey, name: string): Promise<string | undefined> {
    const row = await this.#of(user).select('sealed').where('name', '=', name).executeTakeFirst()
    return row && open(row.sealed, [user.tenant, user.id, name], this.#ring)
  }

  /** The names of a user's keys, never the keys. */
  async list(user: UserKey): Promise<string[]> {
    const rows = await this.#of(user).select('name').orderBy('name').execute()
    return rows.map(({ name }) => name)
  }

  /** Resolves with whether there was one. */
  async remove(user: UserKey, name: string): Promise<boolean> {
    const { numDeletedRows } = await this.#database.query
      .deleteFrom('api_keys')
      .where('tenant', '=', user.tenant)
      .where('user_id', '=', user.id)
      .where('name', '=', name)
      .executeTakeFirst()
    return numDeletedRows > 0n
  }

  /**
   * Encrypts everything anew that an older key than the current one encrypted. May be broken off and begun again. Resolves
   * with how many values it changed; afterwards the older keys may leave the ring.
   *
   * @throws SealError at the first value that cannot be read
   */
  async rotate(): Promise<number> {
    let changed = 0
    for (let after = 0; ;) {
      const rows = await this.#database.query
        .selectFrom('api_keys')
        .selectAll()
        .where('sequence', '>', after)
        .orderBy('sequence')
        .limit(PAGE)
        .execute()
      for (const { sequence, tenant, user_id, name, sealed } of rows) {
        after = sequence
        if (keyIdOf(sealed) === this.#ring.current) continue
        const owner = [tenant, user_id, name]
        const { numUpdatedRows } = await this.#database.query
          .updateTable('api_keys')
          .set({ sealed: seal(open(sealed, owner, this.#ring), owner, this.#ring) })
          .where('sequence', '=', sequence)
          // What the user has replaced meanwhile stays.
          .where('sealed', '=', sealed)
          .executeTakeFirst()
        changed += Number(numUpdatedRows)
      }
      if (rows.length < PAGE) return changed
    }
  }

  #of({ tenant, id }: UserKey) {
    return this.#database.query.selectFrom('api_keys').where('tenant', '=', tenant).where('user_id', '=', id)
  }
}
