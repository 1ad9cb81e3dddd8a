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
]
