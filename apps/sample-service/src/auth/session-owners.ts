import { sql } from 'kysely'

import type { Database, Query } from '../database/database.ts'
import { sameUser, type UserKey } from './user.ts'

export interface SessionClaim {
  session_id: string
  user: UserKey
}

/** How many owners are remembered. Owners never change, so a remembered one is never wrong. */
const CAPACITY = 50_000

/**
 * Whose session is whose, in the table `session_owners`: a session belongs for good to the user who was the first to
 * speak in it or to follow it. One that has events and no owner (they came over the bus) belongs to nobody.
 */
export class SessionOwners {
  readonly #database: Database
  readonly #known = new Map<string, UserKey>()

  constructor(database: Database) {
    this.#database = database
  }

  async ownerOf(session_id: string): Promise<UserKey | undefined> {
    const known = this.#known.get(session_id)
    if (known) return known
    const owner = (await read(this.#database.query, [session_id])).get(session_id)
    if (owner) this.remember(session_id, owner)
    return owner
  }

  /** Whether a session belongs to a user. False, too, when there is no such session: nobody can tell the difference. */
  async isOwner(session_id: string, user: UserKey): Promise<boolean> {
    const owner = await this.ownerOf(session_id)
    return owner !== undefined && sameUser(owner, user)
  }

  /** Takes the session if it is nobody's. Resolves with whether it is the user's now. */
  async claim(session_id: string, user: UserKey): Promise<boolean> {
    if (!this.#known.has(session_id)) await this.claimAll(this.#database.query, [{ session_id, user }])
    return this.isOwner(session_id, user)
  }

  /**
   * Takes those of the sessions that are nobody's, and resolves with those claims whose session is another's. As part of
   * a transaction nothing is remembered, because it may fail; `remember` is for afterwards.
   */
  async claimAll<Claim extends SessionClaim>(query: Query, claims: readonly Claim[]): Promise<Set<Claim>> {
    const isRefused = (claim: Claim, owner: UserKey | undefined) => !owner || !sameUser(owner, claim.user)
    const open = claims.filter(({ session_id }) => !this.#known.has(session_id))
    const owners = new Map<string, UserKey>()
    if (open.length > 0) {
      await insert(query, open)
      for (const [session_id, owner] of await read(query, [...new Set(open.map((claim) => claim.session_id))])) {
        owners.set(session_id, owner)
      }
    }
    const ownerOf = ({ session_id }: Claim) => this.#known.get(session_id) ?? owners.get(session_id)
    return new Set(claims.filter((claim) => isRefused(claim, ownerOf(claim))))
  }

  /** Notes an owner that is known to be committed. */
  remember(session_id: string, { tenant, id }: UserKey): void {
    this.#known.set(session_id, { tenant, id })
    if (this.#known.size <= CAPACITY) return
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest)
      break
    }
  }
}

async function insert(query: Query, claims: readonly SessionClaim[]): Promise<void> {
  const sessions = claims.map(({ session_id }) => session_id)
  const tenants = claims.map(({ user }) => user.tenant)
  const users = claims.map(({ user }) => user.id)
  // In the order of the ids, so that two transactions never wait for each other.
  await sql`insert into session_owners (session_id, tenant, user_id)
    select session_id, tenant, user_id
    from unnest(${sessions}::text[], ${tenants}::text[], ${users}::text[]) with ordinality
      as claims (session_id, tenant, user_id, place)
    where not exists (select from session_events where session_events.session_id = claims.session_id)
    order by session_id, place
    on conflict (session_id) do nothing`.execute(query)
}

async function read(query: Query, sessions: readonly string[]): Promise<Map<string, UserKey>> {
  const rows = await query
    .selectFrom('session_owners')
    .select(['session_id', 'tenant', 'user_id'])
    .where('session_id', '=', sql<string>`any(${sessions}::text[])`)
    .execute()
  return new Map(rows.map(({ session_id, tenant, user_id }) => [session_id, { tenant, id: user_id }]))
}
