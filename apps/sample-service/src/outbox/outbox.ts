import type { Query } from '../database/database.ts'

/** A message that is to be published once the transaction it was written in is committed. */
export interface OutboxMessage {
  topic: string
  key: string
  value: unknown
}

/** Writes messages beside the rows that they speak of: either both are there after a crash, or neither. */
export async function addToOutbox(transaction: Query, messages: readonly OutboxMessage[]): Promise<void> {
  if (messages.length === 0) return
  await transaction
    .insertInto('outbox')
    .values(messages.map(({ topic, key, value }) => ({ topic, key, value: JSON.stringify(value) })))
    .execute()
}
