import { noteAct } from '../audit/audit-log.ts'
import type { UserKey } from '../auth/user.ts'
import type { Database } from '../database/database.ts'
import type { KeyRing } from './key-ring.ts'
import { keyIdOf, open, seal } from './seal.ts'

/** A key as it may be shown: never its value. */
export interface ApiKeyInfo {
  name: string
  created_at: Date
  /** When the value was last replaced. */
  replaced_at: Date | null
}

/** How many values one step of `rotate` reads. */
const PAGE = 100
const SHOWN = ['name', 'created_at', 'replaced_at'] as const

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

  /** Stores a key under a name that is free; undefined when it is not. Who did it is noted, as by all changes. */
  async create(user: UserKey, name: string, value: string): Promise<ApiKeyInfo | undefined> {
    const sealed = seal(value, [user.tenant, user.id, name], this.#ring)
    return this.#database.query.transaction().execute(async (transaction) => {
      const row = await transaction
        .insertInto('api_keys')
        .values({ tenant: user.tenant, user_id: user.id, name, sealed })
        .onConflict((conflict) => conflict.columns(['tenant', 'user_id', 'name']).doNothing())
        .returning(SHOWN)
        .executeTakeFirst()
      if (row) await noteAct(transaction, user, { action: 'api_key.create', subject: name })
      return row
    })
  }

  /** Puts a new value in place of the old one; undefined when the user has no key of this name. */
  async replace(user: UserKey, name: string, value: string): Promise<ApiKeyInfo | undefined> {
    const sealed = seal(value, [user.tenant, user.id, name], this.#ring)
    return this.#database.query.transaction().execute(async (transaction) => {
      const row = await transaction
        .updateTable('api_keys')
        .set({ sealed, replaced_at: new Date() })
        .where('tenant', '=', user.tenant)
        .where('user_id', '=', user.id)
        .where('name', '=', name)
        .returning(SHOWN)
        .executeTakeFirst()
      if (row) await noteAct(transaction, user, { action: 'api_key.replace', subject: name })
      return row
    })
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

  /** The keys of a user by name, without their values. */
  list(user: UserKey): Promise<ApiKeyInfo[]> {
    return this.#of(user).select(SHOWN).orderBy('name').execute()
  }

  /** Resolves with whether there was one. */
  async remove(user: UserKey, name: string): Promise<boolean> {
    return this.#database.query.transaction().execute(async (transaction) => {
      const { numDeletedRows } = await transaction
        .deleteFrom('api_keys')
        .where('tenant', '=', user.tenant)
        .where('user_id', '=', user.id)
        .where('name', '=', name)
        .executeTakeFirst()
      if (numDeletedRows > 0n) await noteAct(transaction, user, { action: 'api_key.delete', subject: name })
      return numDeletedRows > 0n
    })
  }

  /**
   * Encrypts everything anew that an older key than the current one encrypted, or that of one tenant. May be broken off
   * and begun again. Resolves with how many values it changed; once that was done for all tenants, the older keys may leave
   * the ring.
   *
   * @throws SealError at the first value that cannot be read
   */
  async rotate(ofTenant?: string): Promise<number> {
    let changed = 0
    for (let after = 0; ;) {
      const rows = await this.#database.query
        .selectFrom('api_keys')
        .selectAll()
        .where('sequence', '>', after)
        .$if(ofTenant !== undefined, (query) => query.where('tenant', '=', ofTenant!))
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
