import type { Generated, GeneratedAlways } from 'kysely'

/** The tables that the query layer knows, as the migrations made them. JSON goes in as text and comes out as values. */
export interface Tables {
  session_events: SessionEventTable
  outbox: OutboxTable
  processed_events: ProcessedEventTable
}

interface SessionEventTable {
  sequence: GeneratedAlways<number>
  event_id: string
  session_id: string
  event: unknown
  created_at: Generated<Date>
}

interface OutboxTable {
  sequence: GeneratedAlways<number>
  topic: string
  key: string
  value: unknown
  created_at: Generated<Date>
  sent_at: Date | null
}

interface ProcessedEventTable {
  consumer: string
  event_id: string
  processed_at: Generated<Date>
}
