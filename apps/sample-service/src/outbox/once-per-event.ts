import { sql } from 'kysely'

import type { Database, Query } from '../database/database.ts'

/**
 * Does something in a transaction that also notes that this consumer has processed the event, so that an event that is
 * delivered again changes nothing. Resolves with whether it was done now.
 *
 * @example
 * await oncePerEvent(database, 'tool-executor', 'e1', (transaction) => addToOutbox(transaction, [result]))
 */
export async function oncePerEvent(
  database: Database,
  consumer: string,
  event_id: string,
  effect: (transaction: Query) => Promise<void>,
): Promise<boolean> {
  return database.query.transaction().execute(async (transaction) => {
    const noted = await noteProcessed(transaction, consumer, [event_id])
    if (!noted.has(event_id)) return false
    await effect(transaction)
    return true
  })
}

/** Notes events as processed by a consumer; resolves with those that were not yet. */
export async function noteProcessed(
  transaction: Query,
  consumer: string,
  event_ids: readonly string[],
): Promise<Set<string>> {
  // A second transaction with the same keys waits here until this one has ended. In the order of the ids, so that two
  // never wait for each other.
  const { rows } = await sql<{ event_id: string }>`insert into processed_events (consumer, event_id)
    select ${consumer}, event_id from unnest(${event_ids}::text[]) as events (event_id) order by event_id
    on conflict (consumer, event_id) do nothing
    returning event_id`.execute(transaction)
  return new Set(rows.map(({ event_id }) => event_id))
}

/** Whether the work before `oncePerEvent` (a call of a model, say) can be spared. */
export async function wasProcessed(database: Database, consumer: string, event_id: string): Promise<boolean> {
  return (await processedOf(database, consumer, [event_id])).has(event_id)
}

/** Those of the events that a consumer has processed. */
export async function processedOf(
  database: Database,
  consumer: string,
  event_ids: readonly string[],
): Promise<Set<string>> {
  const rows = await database.query
    .selectFrom('processed_events')
    .select('event_id')
    .where('consumer', '=', consumer)
    .where('event_id', '=', sql<string>`any(${event_ids}::text[])`)
    .execute()
  return new Set(rows.map(({ event_id }) => event_id))
}
