import { postgres as postgresFixture, startFixtures } from '@keploy-framework/fixtures'
import { findProtocol, type Protocol } from '@keploy-framework/wire'
import { afterAll, expect } from 'vitest'

import { recordThrough } from '../harness/record-through.ts'
import { serveCalls } from '../harness/serve-calls.ts'

export interface Access {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

export const postgresProtocol = findProtocol('postgres') as Protocol

const fixtures = startFixtures({ db: postgresFixture({ providers: ['local'] }) })
afterAll(() => fixtures.close())

/** A database of its own on a real server, for as long as `use` runs. */
export async function withDatabase<Result>(use: (access: Access) => Promise<Result>): Promise<Result> {
  await using lease = await fixtures.acquire('db')
  const url = new URL(lease.env['DATABASE_URL'] as string)
  const { user, password, database } = lease
  return await use({ host: url.hostname, port: Number(url.port), user, password, database })
}

/** Records what `use` does against a real server, and demands that it sees the same from the recording alone. */
export async function recordAndReplay<Seen>(use: (access: Access) => Promise<Seen>): Promise<Seen> {
  const { access, calls, recorded } = await withDatabase(async (access) => {
    await using recording = await recordThrough(postgresProtocol, access)
    const recorded = await use({ ...access, host: '127.0.0.1', port: recording.port })
    expect(recording.gaps).toEqual([])
    return { access, recorded, calls: recording.calls }
  })
  expect(JSON.stringify(calls)).not.toContain(access.password)
  const credentials = { username: access.user, password: access.password }
  await using served = await serveCalls(postgresProtocol, calls, { credentials })
  const replayed: unknown = await use({ ...access, host: '127.0.0.1', port: served.port }).catch((error: unknown) => ({
    error,
    misses: served.misses,
  }))
  expect(replayed).toEqual(recorded)
  expect(served.misses).toEqual([])
  expect(served.unused()).toEqual([])
  return recorded
}
