import type { AddressInfo } from 'node:net'

import { createApp } from './app.ts'
import { openPgliteStore } from './store/pglite.ts'
import { openPostgresStore } from './store/postgres.ts'
import type { SessionStore } from './store/session-store.ts'

export interface ServerOptions {
  /** Default 127.0.0.1: reachable from this machine only. */
  host?: string
  /** Default 8000; 0 takes any free port. */
  port?: number
  /** A `postgres://` URL. Default: an embedded Postgres in memory. */
  postgres?: string
  /** Smallest level that is logged, as JSON lines on standard error. Default `info`. */
  logLevel?: string
}

export interface Server extends AsyncDisposable {
  url: string
  /** Which database it runs on, for people. */
  database: 'embedded Postgres' | 'Postgres'
}

/** Opens the database, then listens; disposing finishes the requests under way and closes both. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const { host = '127.0.0.1', port = 8000, postgres, logLevel = 'info' } = options
  const store: SessionStore = await (postgres ? openPostgresStore(postgres) : openPgliteStore())
  const app = await createApp({ store, logger: { level: logLevel, stream: process.stderr } })
  const close = async (): Promise<void> => {
    await app.close()
    await store[Symbol.asyncDispose]()
  }
  try {
    await app.listen({ host, port })
  } catch (error) {
    await close()
    throw error
  }
  return {
    url: urlOf(app.server.address() as AddressInfo),
    database: postgres ? 'Postgres' : 'embedded Postgres',
    [Symbol.asyncDispose]: close,
  }
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
