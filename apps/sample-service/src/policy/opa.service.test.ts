/**
 * Segment: teams that copy this service
 * Goal: code that can be trusted because it was tried
 * Value: decisions of a real policy engine, and none without it
 * Impact: a mistake here would be copied into many services
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { policyContract } from '../../test/contracts/policy.ts'
import { POLICIES } from './embedded-engine.ts'
import { opaServerEngine } from './opa-server-engine.ts'
import { PolicyClient } from './policy-client.ts'

/** An opa that is here. `policies/build.sh --opa` makes one, and scripts/services/prepare.sh calls it: too long for a test. */
const opa = findOpa()

function findOpa(): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const folders = (process.env['PATH'] ?? '').split(':')
  const candidates = [
    process.env['OPA'],
    ...folders.map((folder) => join(folder, 'opa')),
    join(cache, 'keploy-framework/opa-1.22.2/opa'),
  ]
  return candidates.find((path) => path !== undefined && existsSync(path))
}

test.runIf(opa === undefined && process.env['KEPLOY_REQUIRE_SERVICES'] === 'all')('there is an OPA', () =>
  expect.fail('No opa on PATH, in OPA or in the cache: scripts/services/prepare.sh brings one.'),
)

describe.skipIf(opa === undefined)('with a real OPA', () => {
  let server: ChildProcess
  let url: string
  beforeAll(async () => {
    const port = await freePort()
    url = `http://127.0.0.1:${port}`
    server = spawn(opa!, ['run', '--server', '--addr', `127.0.0.1:${port}`, POLICIES], { stdio: 'ignore' })
    const isUp = () =>
      fetch(`${url}/health`).then(
        ({ status }) => status === 200,
        () => false,
      )
    await vi.waitUntil(isUp, { timeout: 50_000 })
  }, 60_000)
  afterAll(async () => {
    server.kill('SIGTERM')
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
  })

  policyContract('OPA server', () => opaServerEngine(url))

  test('the compiled rules in the repository are what the build makes of the sources, wherever they lie', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'policy-build-'))
    await cp(POLICIES, folder, { recursive: true })
    const made = join(folder, 'made.wasm')
    execFileSync('sh', [join(folder, 'build.sh'), made], { env: { ...process.env, OPA: opa } })
    expect((await readFile(made)).equals(await readFile(join(POLICIES, 'platform.wasm')))).toBe(true)
    await rm(folder, { recursive: true })
  }, 120_000)

  test('a tenant that is suspended while the server runs is denied once decisions are invalidated', async () => {
    await using policy = new PolicyClient({ engine: opaServerEngine(url), ttlMs: 600_000, timeoutMs: 30_000 })
    const context = { role: 'client' }
    const asked = { tenant: 'late', persona: null, action: 'conversation.write', resource: 'conversation', context }
    await expect(policy.evaluate(asked)).resolves.toMatchObject({ allow: true })
    const put = (tenants: string[]) =>
      fetch(`${url}/v1/data/suspended_tenants`, { method: 'PUT', body: JSON.stringify(tenants) })
    expect((await put(['late'])).status).toBe(204)
    await expect(policy.evaluate(asked)).resolves.toMatchObject({ allow: true })
    policy.invalidate()
    await expect(policy.evaluate(asked)).resolves.toEqual({ allow: false, reason: 'the tenant is suspended' })
    await put([])
  })
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
