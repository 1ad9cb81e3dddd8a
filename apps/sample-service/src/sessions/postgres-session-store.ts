import { sql } from 'kysely'

import type { AgentEvent } from '../chains/agent-event.ts'
import type { Database, Query } from '../database/database.ts'
import { pageOf, type Page } from '../database/page.ts'
import type { ConversationEvent } from '../events/conversation-event.ts'
import type { UiAction } from '../ui-state/ui-action.ts'

/** Something that was said, with its place in the order of all events. */
export interface StoredEvent {
  sequence: number
  event: ConversationEvent
}

/** What a stream shows: what was said, and what agents did, in one order. */
export type StreamEvent = { sequence: number } & (
  | { kind: 'conversation'; event: ConversationEvent }
  | { kind: 'agent'; event: AgentEvent | UiAction }
)

export interface ListOptions {
  /** How many events at most. */
  limit: number
  /** Only events before this position; as `Page.next` gave it, decoded. */
  before?: number
}

/** First half of the key of the lock of a session; the second is a hash of its id. */
const SESSION_LOCK = 726_351

/** The events of sessions, in the table `session_events`. */
export class PostgresSessionStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Stores one event; one whose id is known already changes nothing. */
  async appendEvent(event: ConversationEvent): Promise<void> {
    await this.#database.query.transaction().execute((transaction) => this.appendEvents(transaction, [event]))
  }

  /**
   * Stores events as part of a transaction. Sessions are locked until it ends: numbers are given when rows are written,
   * and a reader that goes by numbers would miss a row that becomes visible after one with a larger number.
   *
   * Resolves with the ids of those that were not there before.
   */
  appendEvents(transaction: Query, events: readonly ConversationEvent[]): Promise<Set<string>> {
    return this.#append(transaction, 'conversation', events)
  }

  /** Stores what an agent did, for streams alone: it is not part of the conversation. */
  async appendAgentEvents(transaction: Query, events: readonly (AgentEvent | UiAction)[]): Promise<void> {
    await this.#append(transaction, 'agent', events)
  }

  /** Locks sessions until the transaction ends. */
  async lockSessions(transaction: Query, sessions: readonly string[]): Promise<void> {
    // In the order of the keys, so that two transactions never wait for each other.
    await sql`select pg_advisory_xact_lock(${SESSION_LOCK}, key) from
      (select distinct hashtext(id) as key from unnest(${sessions}::text[]) as id order by key) as keys`.execute(
      transaction,
    )
  }

  /** The newest events of a session first. */
  async listEvents(session_id: string, { limit, before }: ListOptions): Promise<Page<ConversationEvent>> {
    const rows = await this.#database.query
      .selectFrom('session_events')
      .select(['sequence', 'event'])
      .where('session_id', '=', session_id)
      .where('kind', '=', 'conversation')
      .$if(before !== undefined, (query) => query.where('sequence', '<', before!))
      .orderBy('sequence', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(rows, limit, ({ event }) => event as ConversationEvent)
  }

  /** The newest events of each session, the newest first, in the order of `sessions`. */
  async newestOf(sessions: readonly string[], limit: number): Promise<ConversationEvent[][]> {
    const { rows } = await sql<{ place: number; event: ConversationEvent }>`
      select sessions.place, newest.event
      from unnest(${sessions}::text[]) with ordinality as sessions (id, place)
      cross join lateral (
        select sequence, event from session_events
        where session_id = sessions.id and kind = 'conversation' order by sequence desc limit ${limit}
      ) as newest
      order by sessions.place, newest.sequence desc`.execute(this.#database.query)
    const newest: ConversationEvent[][] = sessions.map(() => [])
    for (const { place, event } of rows) newest[place - 1]!.push(event)
    return newest
  }

  /** The events of a session after a position, the oldest first. */
  async eventsAfter(session_id: string, sequence: number, limit: number): Promise<StreamEvent[]> {
    const rows = await this.#database.query
      .selectFrom('session_events')
      .select(['sequence', 'kind', 'event'])
      .where('session_id', '=', session_id)
      .where('sequence', '>', sequence)
      .orderBy('sequence')
      .limit(limit)
      .execute()
    return rows as StreamEvent[]
  }

  async findEvent(session_id: string, event_id: string): Promise<StoredEvent | undefined> {
    const row = await this.#database.query
      .selectFrom('session_events')
      .select(['sequence', 'event'])
      .where('session_id', '=', session_id)
      .where('event_id', '=', event_id)
      .where('kind', '=', 'conversation')
      .executeTakeFirst()
    return row as StoredEvent | undefined
  }

  /** The place of anything that a stream shows; undefined when the session has no such event. */
  async positionOf(session_id: string, event_id: string): Promise<number | undefined> {
    const row = await this.#database.query
      .selectFrom('session_events')
      .select('sequence')
      .where('session_id', '=', session_id)
      .where('event_id', '=', event_id)
      .executeTakeFirst()
    return row?.sequence
  }

  async #append(
    transaction: Query,
    kind: StreamEvent['kind'],
    events: readonly { event_id: string; session_id: string }[],
  ): Promise<Set<string>> {
    if (events.length === 0) return new Set()
    await this.lockSessions(transaction, [...new Set(events.map(({ session_id }) => session_id))])
    const ids = events.map(({ event_id }) => event_id)
    const sessions = events.map(({ session_id }) => session_id)
    const texts = events.map((event) => JSON.stringify(event))
    // Three parameters whatever their number, because the text of a statement with one for each value takes longer to
    // write and to read than the rows.
    const { rows } = await sql<{ event_id: string }>`insert into session_events (event_id, session_id, kind, event)
      select event_id, session_id, ${kind}, event::json
      from unnest(${ids}::text[], ${sessions}::text[], ${texts}::text[]) with ordinality
        as events (event_id, session_id, event, place)
      order by place
      on conflict (event_id) do nothing
      returning event_id`.execute(transaction)
    return new Set(rows.map(({ event_id }) => event_id))
  }
}
