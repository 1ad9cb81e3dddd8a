import { spawnSync } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import path from 'node:path'

import { mysql, postgres, redis, startFixtures } from '@keploy-framework/fixtures'
import { createLocalCa } from '@keploy-framework/intercept'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { recordService, withoutTimes, type Recording, type Send, type Verdict } from './record-and-replay.ts'
import { expectGreen } from './service-tests.ts'

/** Where the real dependencies of a run are. */
export interface RealDependencies extends AsyncDisposable {
  readonly postgres: string
  readonly mysql: string
  readonly redis: string
  /** An API behind HTTPS, whose authority the variables name. */
  readonly prices: string
  readonly trust: Readonly<Record<string, string>>
}

export interface LanguageTestsOptions {
  readonly name: string
  /** Why it cannot be tried here, such as a tool that is missing; nothing when it can. */
  readonly missing: string | undefined
  readonly command: readonly string[]
  readonly env: (real: RealDependencies) => Readonly<Record<string, string>>
  readonly withMysql?: boolean
  /** Starts other dependencies than the usual ones. */
  readonly start?: () => Promise<RealDependencies>
  readonly requests: (send: Send) => Promise<void>
  /** Changes of the service, each by one variable: what shows the call that the replay has to name, and in how many tests. */
  readonly changes: readonly {
    readonly env: Readonly<Record<string, string>>
    readonly names: string
    readonly tests?: number
  }[]
}

/** A service in some language: recorded with real dependencies, replayed when all of them are stopped, and changed. */
export function languageTests(options: LanguageTestsOptions): void {
  const { missing, changes } = options
  const skipped = missing !== undefined && process.env['KEPLOY_REQUIRE_SERVICES'] !== 'all'
  const title = skipped ? `${options.name}, skipped: ${missing}` : options.name
  // oxlint-disable-next-line vitest/valid-title -- it is a parameter
  describe.skipIf(skipped)(title, () => {
    let recording: Recording
    let first: Verdict

    beforeAll(async () => {
      if (missing !== undefined) throw new Error(missing)
      const real = await (options.start?.() ?? startDependencies(options.withMysql === true))
      let stopped: Promise<void> | undefined
      const stop = (): Promise<void> => (stopped ??= Promise.resolve(real[Symbol.asyncDispose]()))
      try {
        recording = await recordService({
          command: options.command,
          env: { ...real.trust, ...options.env(real) },
          requests: options.requests,
          stop,
        })
      } finally {
        await stop()
      }
    }, 120_000)
    afterAll(async () => {
      await recording?.[Symbol.asyncDispose]()
    })

    it('replays with its dependencies stopped', async () => {
      first = await recording.replay()
      expectGreen(first, recording)
      expect(recording.calls).toMatchObject({ ambiguous: 0, leftOut: 0 })
    })

    it('gives the same verdict with the files in another order', async () => {
      await recording.copyReversed()
      expect(withoutTimes(await recording.replay({ args: ['--dir', 'reversed'] }))).toEqual(withoutTimes(first))
    })

    it('gives the same verdict with four workers', async () => {
      expect(withoutTimes(await recording.replay({ args: ['--workers', '4'] }))).toEqual(withoutTimes(first))
    })

    it.each(changes)('fails with $env, and names that call', async ({ env, names, tests = 1 }) => {
      const { code, sets, log } = await recording.replay({ env })
      expect(code, log).toBe(1)
      const failed = sets.flatMap((set) => set.tests).filter(({ failures }) => failures.length > 0)
      expect(failed.map(({ name }) => name)).toHaveLength(tests)
      const calls = failed.map(({ failures }) => failures.filter(({ kind }) => kind === 'dependency'))
      for (const one of calls) {
        expect(one.map(({ message }) => message)).toEqual([expect.stringContaining(names)])
      }
    })
  })
}

async function startDependencies(withMysql: boolean): Promise<RealDependencies> {
  const fixtures = startFixtures({
    db: postgres({ providers: ['local'] }),
    cache: redis({ providers: ['local'] }),
    shop: mysql({ providers: ['local'] }),
  })
  try {
    const [db, cache] = await Promise.all([fixtures.acquire('db'), fixtures.acquire('cache')])
    const shop = withMysql ? await fixtures.acquire('shop') : undefined
    const prices = await startPrices()
    return {
      postgres: db.url,
      redis: cache.url,
      mysql: shop?.url ?? '',
      prices: prices.url,
      trust: { SSL_CERT_FILE: prices.ca },
      async [Symbol.asyncDispose]() {
        await prices[Symbol.asyncDispose]()
        await fixtures.close()
      },
    }
  } catch (error) {
    await fixtures.close()
    throw error
  }
}

/** An API that only clients of its own authority trust, under a name of this machine for which clients use a proxy. */
async function startPrices(): Promise<AsyncDisposable & { url: string; ca: string }> {
  const names = await Promise.all(
    ['ip6-localhost', hostname()].map(async (host) => ({
      host,
      address: (await lookup(host).catch(() => undefined))?.address ?? '',
    })),
  )
  const own = names.find(({ address }) => address === '::1' || address.startsWith('127.'))
  if (own === undefined)
    throw new Error('no name of this machine but localhost leads to loopback; add one to /etc/hosts')
  const folder = await mkdtemp(path.join(tmpdir(), 'keploy-prices-'))
  const ca = createLocalCa()
  await writeFile(path.join(folder, 'ca.pem'), ca.cert)
  let asked = 0
  const server = createServer(ca.certificateFor(own.host), (request, response) => {
    request.resume().on('end', () => {
      const item = request.url?.split('/').pop() ?? ''
      const known = item !== 'nothing'
      response.writeHead(known ? 200 : 404, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify(known ? { item, cents: item.length * 100, asked: ++asked } : { error: 'no price' }))
    })
  })
  server.listen(0, own.address)
  await once(server, 'listening')
  return {
    url: `https://${own.host}:${(server.address() as AddressInfo).port}`,
    ca: path.join(folder, 'ca.pem'),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** What a script beside a test prepares and prints; `missing` says why it could not. */
export function prepared(script: string): { readonly path: string; readonly missing: string | undefined } {
  const { status, stdout, stderr, error } = spawnSync(script, { encoding: 'utf8' })
  if (status === 0) return { path: stdout.trim(), missing: undefined }
  return { path: '', missing: stderr?.trim() || (error?.message ?? `${script} failed`) }
}
