import type { Generated, GeneratedAlways } from 'kysely'

/** The tables that the query layer knows, as the migrations made them. JSON goes in as text and comes out as values. */
export interface Tables {
  session_events: SessionEventTable
  outbox: OutboxTable
  processed_events: ProcessedEventTable
  session_owners: SessionOwnerTable
  projects: ProjectTable
  tasks: TaskTable
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

interface ProjectTable {
  sequence: GeneratedAlways<number>
  project_id: string
  tenant: string
  user_id: string
  name: string
  description: string
  created_at: Generated<Date>
}

interface TaskTable {
  sequence: GeneratedAlways<number>
  task_id: string
  tenant: string
  user_id: string
  project_id: string | null
  type: string
  prompt: string
  status: 'running' | 'completed' | 'failed'
  /** What the API shows of the end of a task, beside the columns that are counted. */
  outcome: unknown
  agent: string | null
  tokens_input: Generated<number>
  tokens_output: Generated<number>
  cost_usd: number | null
  quality: number | null
  created_at: Generated<Date>
  completed_at: Date | null
  deadline_at: Date
}

interface SessionOwnerTable {
  session_id: string
  tenant: string
  user_id: string
  created_at: Generated<Date>
}
