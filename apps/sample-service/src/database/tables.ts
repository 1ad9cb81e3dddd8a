import type { Generated, GeneratedAlways } from 'kysely'

/** The tables that the query layer knows, as the migrations made them. JSON goes in as text and comes out as values. */
export interface Tables {
  session_events: SessionEventTable
  outbox: OutboxTable
  processed_events: ProcessedEventTable
  chains: ChainTable
  chain_calls: ChainCallTable
  session_owners: SessionOwnerTable
  api_keys: ApiKeyTable
  users: UserTable
  threads: ThreadTable
  policy_violations: PolicyViolationTable
  audit_log: AuditTable
  model_profiles: ModelProfileTable
  projects: ProjectTable
  tasks: TaskTable
}

interface SessionEventTable {
  sequence: GeneratedAlways<number>
  event_id: string
  session_id: string
  event: unknown
  /** What was said, or what an agent did. */
  kind: Generated<'conversation' | 'agent'>
  created_at: Generated<Date>
}

interface ChainTable {
  sequence: GeneratedAlways<number>
  chain_id: string
  session_id: string
  persona_id: string
  asked: unknown
  caller: unknown
  steering: unknown
  messages: unknown
  step: number
  status: 'waiting' | 'running' | 'completed' | 'failed'
  created_at: Generated<Date>
}

interface ChainCallTable {
  call_id: string
  chain_id: string
  session_id: string
  step: number
  position: number
  model_call_id: string
  tool_name: string
  result: unknown
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

interface ApiKeyTable {
  sequence: GeneratedAlways<number>
  tenant: string
  user_id: string
  name: string
  /** As `seal` made it. */
  sealed: string
  created_at: Generated<Date>
  replaced_at: Date | null
}

interface UserTable {
  sequence: GeneratedAlways<number>
  tenant: string
  user_id: string
  email: string | null
  subscription: string | null
  created_at: Generated<Date>
}

interface ThreadTable {
  sequence: GeneratedAlways<number>
  thread_id: string
  tenant: string
  user_id: string
  title: string
  metadata: unknown
  created_at: Generated<Date>
}

interface PolicyViolationTable {
  sequence: GeneratedAlways<number>
  violation_id: string
  tenant: string
  user_id: string
  session_id: string
  event_id: string
  type: string
  explanation: string
  model: string
  simulated: boolean
  ip: string | null
  user_agent: string | null
  created_at: Generated<Date>
}

interface ModelProfileTable {
  persona_id: string
  model: string | null
  temperature: number | null
  updated_at: Generated<Date>
}

interface AuditTable {
  sequence: GeneratedAlways<number>
  tenant: string
  user_id: string
  action: string
  subject: string
  details: unknown
  created_at: Generated<Date>
}
