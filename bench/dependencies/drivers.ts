import { createRequire } from 'node:module'

// Drivers belong to the tests of services; this says what of them is used here.
const load = createRequire(new URL('../../tests/services/package.json', import.meta.url))

export interface PgClient {
  connect(): Promise<void>
  query(text: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly { readonly name: string }[] }>
  end(): Promise<void>
}

export interface RedisClient {
  get(key: string): Promise<string | null>
  set(key: string, value: string): Promise<unknown>
  pipeline(): { get(key: string): unknown; exec(): Promise<readonly unknown[] | null> }
  quit(): Promise<unknown>
}

export async function openPg(connectionString: string): Promise<PgClient> {
  const { Client } = load('pg') as { Client: new (options: { connectionString: string }) => PgClient }
  const client = new Client({ connectionString })
  await client.connect()
  return client
}

export function openRedis(url: string): RedisClient {
  return new (load('ioredis') as { Redis: new (url: string) => RedisClient }).Redis(url)
}

interface Autocannon {
  readonly non2xx: number
  readonly errors: number
  readonly requests: { readonly average: number; readonly total: number }
}

/** The load of autocannon, of the root of the workspace. */
export const autocannon = createRequire(import.meta.url)('autocannon') as (options: object) => Promise<Autocannon>
