export interface Migration {
  name: string
  /** One statement each, because a prepared statement can be no more. */
  statements: readonly string[]
}

/** Each entry runs once per database, in this order. Entries are never changed, only added. */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: '0001-sessions',
    statements: [
      `create table sessions (
        sequence bigint generated always as identity primary key,
        id text not null unique,
        type text not null,
        title text not null,
        description text not null,
        status text not null,
        created_at timestamptz not null
      )`,
    ],
  },
  {
    // Events are `json` and not `jsonb`, which refuses \u0000 and does not keep the order of keys.
    name: '0002-session-events',
    statements: [
      `create table session_events (
        sequence bigint generated always as identity primary key,
        event_id text not null unique,
        session_id text not null,
        event json not null,
        created_at timestamptz not null default now()
      )`,
      'create index session_events_of_session on session_events (session_id, sequence)',
    ],
  },
  {
    name: '0003-outbox',
    statements: [
      `create table outbox (
        sequence bigint generated always as identity primary key,
        topic text not null,
        key text not null,
        value json not null,
        created_at timestamptz not null default now(),
        sent_at timestamptz
      )`,
      'create index outbox_unsent on outbox (sequence) where sent_at is null',
      'create index outbox_sent on outbox (sent_at) where sent_at is not null',
    ],
  },
  {
    name: '0004-processed-events',
    statements: [
      `create table processed_events (
        consumer text not null,
        event_id text not null,
        processed_at timestamptz not null default now(),
        primary key (consumer, event_id)
      )`,
    ],
  },
  {
    name: '0005-projects-and-tasks',
    statements: [
      `create table projects (
        sequence bigint generated always as identity primary key,
        project_id text not null unique,
        tenant text not null,
        user_id text not null,
        name text not null,
        description text not null,
        created_at timestamptz not null default now()
      )`,
      `create table tasks (
        sequence bigint generated always as identity primary key,
        task_id text not null unique,
        tenant text not null,
        user_id text not null,
        project_id text references projects (project_id) on delete cascade,
        type text not null,
        prompt text not null,
        status text not null check (status in ('running', 'completed', 'failed')),
        outcome json not null,
        agent text,
        tokens_input bigint not null default 0,
        tokens_output bigint not null default 0,
        cost_usd double precision,
        quality double precision,
        created_at timestamptz not null default now(),
        completed_at timestamptz,
        deadline_at timestamptz not null
      )`,
      'create index projects_of_user on projects (tenant, user_id, sequence)',
      'create index tasks_of_project on tasks (project_id, sequence)',
      'create index tasks_of_user on tasks (tenant, user_id, created_at)',
      `create index tasks_running on tasks (deadline_at) where status = 'running'`,
    ],
  },
  {
    name: '0006-session-owners',
    statements: [
      `create table session_owners (
        session_id text primary key,
        tenant text not null,
        user_id text not null,
        created_at timestamptz not null default now()
      )`,
    ],
  },
  {
    name: '0007-chains',
    statements: [
      `alter table session_events add column kind text not null default 'conversation'
        check (kind in ('conversation', 'agent'))`,
      `create table chains (
        sequence bigint generated always as identity primary key,
        chain_id text not null unique,
        session_id text not null,
        persona_id text not null,
        asked json not null,
        caller json not null,
        messages json not null,
        step integer not null,
        status text not null check (status in ('waiting', 'running', 'completed', 'failed')),
        created_at timestamptz not null default now()
      )`,
      `create index chains_open on chains (session_id, sequence) where status in ('waiting', 'running')`,
      `create table chain_calls (
        call_id text primary key,
        chain_id text not null references chains (chain_id) on delete cascade,
        session_id text not null,
        step integer not null,
        position integer not null,
        model_call_id text not null,
        tool_name text not null,
        result json
      )`,
      'create index chain_calls_of_step on chain_calls (chain_id, step, position)',
    ],
  },
  {
    name: '0008-api-keys',
    statements: [
      `create table api_keys (
        sequence bigint generated always as identity primary key,
        tenant text not null,
        user_id text not null,
        name text not null,
        sealed text not null,
        created_at timestamptz not null default now(),
        unique (tenant, user_id, name)
      )`,
    ],
  },
  {
    name: '0009-accounts',
    statements: [
      `create table users (
        sequence bigint generated always as identity primary key,
        tenant text not null,
        user_id text not null,
        email text,
        subscription text,
        created_at timestamptz not null default now(),
        unique (tenant, user_id)
      )`,
      `create table threads (
        sequence bigint generated always as identity primary key,
        thread_id text not null unique,
        tenant text not null,
        user_id text not null,
        title text not null,
        metadata json not null,
        created_at timestamptz not null default now()
      )`,
      'create index threads_of_user on threads (tenant, user_id, sequence)',
      `create table policy_violations (
        sequence bigint generated always as identity primary key,
        violation_id text not null unique,
        tenant text not null,
        user_id text not null,
        session_id text not null,
        event_id text not null,
        type text not null,
        explanation text not null,
        model text not null,
        simulated boolean not null,
        ip text,
        user_agent text,
        created_at timestamptz not null default now()
      )`,
      'create index policy_violations_of_tenant on policy_violations (tenant, sequence)',
      `create table audit_log (
        sequence bigint generated always as identity primary key,
        tenant text not null,
        user_id text not null,
        action text not null,
        subject text not null,
        details json not null,
        created_at timestamptz not null default now()
      )`,
      'create index audit_log_of_tenant on audit_log (tenant, sequence)',
      'alter table api_keys add column replaced_at timestamptz',
    ],
  },
  {
    name: '0010-steering',
    statements: [`alter table chains add column steering json not null default 'null'`],
  },
  {
    name: '0011-model-profiles',
    statements: [
      `create table model_profiles (
        persona_id text primary key,
        model text,
        temperature double precision check (temperature between 0 and 2),
        updated_at timestamptz not null default now()
      )`,
      // For people and reports: what was delegated to agents. The rows themselves are those of chains.
      `create view delegation_tasks as
        select asked->>'event_id' as task_id, session_id, persona_id as agent, asked->>'message' as task, status,
          step as steps, created_at
        from chains`,
    ],
  },
]
