import { z } from 'zod'

import type { UserKey } from '../auth/user.ts'
import type { Database, Query } from '../database/database.ts'
import { pageOf, type Page } from '../database/page.ts'

/** What was done to keys and budgets, by whom. Values of keys are no part of it. */
export const auditEntrySchema = z
  .object({
    user_id: z.string().describe('Who did it.'),
    action: z.string(),
    subject: z.string().describe('To what: the name of a key, say.'),
    details: z.record(z.string(), z.unknown()),
    created_at: z.string().meta({ format: 'date-time' }),
  })
  .meta({ id: 'AuditEntry' })

export const auditPageSchema = z
  .object({
    entries: z.array(auditEntrySchema),
    next: z.string().nullable().describe('Given as `before`, it brings the next page. Null on the last page.'),
  })
  .meta({ id: 'AuditPage' })

export type AuditEntry = z.output<typeof auditEntrySchema>

export interface AuditedAct {
  action: 'api_key.create' | 'api_key.replace' | 'api_key.delete' | 'api_key.rotate' | 'budget.write'
  subject: string
  details?: Record<string, unknown>
}

/** Notes an act as part of the transaction that does it: either both are there, or neither. */
export async function noteAct(transaction: Query, actor: UserKey, act: AuditedAct): Promise<void> {
  const { action, subject, details = {} } = act
  await transaction
    .insertInto('audit_log')
    .values({ tenant: actor.tenant, user_id: actor.id, action, subject, details: JSON.stringify(details) })
    .execute()
}

/** What was done in a tenant, the newest first. */
export async function listActs(
  database: Database,
  tenant: string,
  { limit, before }: { limit: number; before?: number },
): Promise<Page<AuditEntry>> {
  const rows = await database.query
    .selectFrom('audit_log')
    .selectAll()
    .where('tenant', '=', tenant)
    .$if(before !== undefined, (query) => query.where('sequence', '<', before!))
    .orderBy('sequence', 'desc')
    .limit(limit + 1)
    .execute()
  return pageOf(rows, limit, ({ user_id, action, subject, details, created_at }) => ({
    user_id,
    action,
    subject,
    details: details as AuditEntry['details'],
    created_at: created_at.toISOString(),
  }))
}
