import type { UserKey } from '../auth/user.ts'
import type { Database, Query } from '../database/database.ts'
import { pageOf, type Page } from '../database/page.ts'
import type { RequestMetadata } from '../events/conversation-event.ts'
import { derivedId } from '../events/derived-id.ts'
import { storable } from '../schemas/storable-text.ts'
import type { LoggedViolation, Violation } from './violation.ts'

export interface FoundViolations {
  user: UserKey
  session_id: string
  event_id: string
  violations: readonly Violation[]
  model: string
  simulated: boolean
  request: RequestMetadata
}

export interface ViolationListOptions {
  limit: number
  before?: number
  /** Only those of this user. */
  user_id?: string | undefined
}

const SHOWN = [
  'sequence',
  'violation_id',
  'user_id',
  'session_id',
  'event_id',
  'type',
  'explanation',
  'model',
  'simulated',
  'ip',
  'user_agent',
  'created_at',
] as const

/** Violations of policy in the table `policy_violations`. */
export class ViolationStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Logs each violation of a message as part of a transaction. */
  async append(transaction: Query, found: FoundViolations): Promise<void> {
    const { user, session_id, event_id, violations, model, simulated, request } = found
    await transaction
      .insertInto('policy_violations')
      .values(
        violations.map(({ type, explanation }, index) => ({
          violation_id: derivedId('violation', `${event_id}:${index}`),
          tenant: user.tenant,
          user_id: user.id,
          session_id,
          event_id,
          type,
          explanation: storable(explanation),
          model,
          simulated,
          ...request,
        })),
      )
      .execute()
  }

  /** Those of a tenant, the newest first. */
  async list(tenant: string, { limit, before, user_id }: ViolationListOptions): Promise<Page<LoggedViolation>> {
    const rows = await this.#database.query
      .selectFrom('policy_violations')
      .select(SHOWN)
      .where('tenant', '=', tenant)
      .$if(user_id !== undefined, (query) => query.where('user_id', '=', user_id!))
      .$if(before !== undefined, (query) => query.where('sequence', '<', before!))
      .orderBy('sequence', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(rows, limit, (row) => ({
      ...row,
      type: row.type as Violation['type'],
      created_at: row.created_at.toISOString(),
    }))
  }
}
