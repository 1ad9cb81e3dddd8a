import type { User, UserKey } from '../auth/user.ts'
import type { Database } from '../database/database.ts'
import type { Account } from './user-account.ts'

interface UserRow {
  tenant: string
  user_id: string
  email: string | null
  subscription: string | null
  created_at: Date
}

/**
 * Users in the table `users`, by tenant and id. Emails are not unique here: who is who is the business of whoever issues
 * the tokens.
 */
export class UserStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Undefined when the user is there already. */
  async create({ tenant, id, email, subscription }: Omit<User, 'role'>): Promise<Account | undefined> {
    const row = await this.#database.query
      .insertInto('users')
      .values({ tenant, user_id: id, email, subscription })
      .onConflict((conflict) => conflict.columns(['tenant', 'user_id']).doNothing())
      .returningAll()
      .executeTakeFirst()
    return row && accountOf(row)
  }

  async find({ tenant, id }: UserKey): Promise<Account | undefined> {
    const row = await this.#database.query
      .selectFrom('users')
      .selectAll()
      .where('tenant', '=', tenant)
      .where('user_id', '=', id)
      .executeTakeFirst()
    return row && accountOf(row)
  }
}

function accountOf({ tenant, user_id, email, subscription, created_at }: UserRow): Account {
  return { user_id, tenant, email, subscription, created_at: created_at.toISOString() }
}
