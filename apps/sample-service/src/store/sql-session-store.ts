import type { Session } from '../schemas/session.ts'
import type { SessionStore } from './session-store.ts'

/** The little that the store needs from a Postgres, be it embedded or remote. */
export interface SqlDatabase {
  query<Row>(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
  /** Runs `work` on one connection in one transaction. */
  transaction(work: (query: SqlDatabase['query']) => Promise<void>): Promise<void>
  close(): Promise<void>
}

interface SessionRow extends Omit<Session, 'created_at'> {
  created_at: Date
}

const COLUMNS = 'id, type, title, description, status, created_at'

/** A session store on any Postgres whose tables are up to date (see `migrate`). */
export function createSqlSessionStore(database: SqlDatabase): SessionStore {
  return {
    async create(session) {
      const { rows } = await database.query<SessionRow>(
        `insert into sessions (${COLUMNS}) values ($1, $2, $3, $4, $5, $6) returning ${COLUMNS}`,
        [session.id, session.type, session.title, session.description, session.status, session.created_at],
      )
      const [row] = rows
      if (!row) throw new Error(`The database stored no row for session ${session.id}.`)
      return fromRow(row)
    },
    async list({ limit }) {
      // By sequence, because two sessions can be created in the same millisecond.
      const { rows } = await database.query<SessionRow>(
        `select ${COLUMNS} from sessions order by sequence desc limit $1`,
        [limit],
      )
      return rows.map(fromRow)
    },
    async find(id) {
      const { rows } = await database.query<SessionRow>(`select ${COLUMNS} from sessions where id = $1`, [id])
      return rows[0] && fromRow(rows[0])
    },
    async remove(id) {
      const { rows } = await database.query('delete from sessions where id = $1 returning id', [id])
      return rows.length > 0
    },
    async ping() {
      await database.query('select 1')
    },
    [Symbol.asyncDispose]: () => database.close(),
  }
}

function fromRow(row: SessionRow): Session {
  return { ...row, created_at: row.created_at.toISOString() }
}
