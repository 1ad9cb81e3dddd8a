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
    // A second transaction with the same key waits here until this one has ended.
    const noted = await transaction
      .insertInto('processed_events')
      .values({ consumer, event_id })
      .onConflict((conflict) => conflict.columns(['consumer', 'event_id']).doNothing())
      .returning('event_id')
      .executeTakeFirst()
    if (!noted) return false
    await effect(transaction)
    return true
  })
}

/** Whether the work before `oncePerEvent` (a call of a model, say) can be spared. */
export async function wasProcessed(database: Database, consumer: string, event_id: string): Promise<boolean> {
  const row = await database.query
    .selectFrom('processed_events')
    .select('event_id')
    .where('consumer', '=', consumer)
    .where('event_id', '=', event_id)
    .executeTakeFirst()
  return row !== undefined
}
