import { sql } from 'kysely'

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
  const topics = messages.map(({ topic }) => topic)
  const keys = messages.map(({ key }) => key)
  const values = messages.map(({ value }) => JSON.stringify(value))
  await sql`insert into outbox (topic, key, value)
    select topic, key, value::json
    from unnest(${topics}::text[], ${keys}::text[], ${values}::text[]) with ordinality
      as messages (topic, key, value, place)
    order by place`.execute(transaction)
}
