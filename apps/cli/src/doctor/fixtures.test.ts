import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'

import type { ServiceProbe } from '@keploy-framework/fixtures'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Check } from './check.ts'
import { checkServices, renderServices, summarizeServices } from './fixtures.ts'
import { runDoctor, type DoctorOptions } from './run-doctor.ts'

let cwd: string

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'keploy-doctor-'))
})

afterEach(() => rm(cwd, { recursive: true, force: true }))

async function doctor(options: DoctorOptions = {}, env: Record<string, string> = {}) {
  const stdout = new PassThrough()
  const chunks: Buffer[] = []
  stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const code = await runDoctor(options, {
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    env: { PATH: process.env['PATH'] ?? '', KEPLOY_FIXTURES_DIR: join(cwd, 'data'), ...env },
    cwd,
  })
  return { code, output: Buffer.concat(chunks).toString() }
}

async function report(options: DoctorOptions = {}, env: Record<string, string> = {}) {
  const { output } = await doctor({ ...options, json: true }, env)
  return JSON.parse(output) as { ok: boolean; checks: Check[]; fixtures: ServiceProbe[] }
}

const dependOnFixtures = (): Promise<void> =>
  writeFile(join(cwd, 'package.json'), '{ "devDependencies": { "@keploy-framework/fixtures": "1.0.0" } }')

const services: readonly ServiceProbe[] = [
  {
    service: 'postgres',
    entries: [
      { provider: 'env', status: 'refused', detail: 'no URL is given', fix: 'Set KEPLOY_FIXTURES_POSTGRES_URL.' },
      { provider: 'local', status: 'chosen', detail: `postgres 15.18 (/${'very-long-folder/'.repeat(6)}bin)` },
      { provider: 'embedded', status: 'left out', detail: 'not among the providers asked for' },
    ],
  },
  { service: 'redis', entries: [{ provider: 'env', status: 'refused', detail: 'no URL is given' }] },
]

describe('renderServices', () => {
  it('shows each provider with its reason and fix in at most 80 columns', () => {
    expect(renderServices(services)).toMatchInlineSnapshot(`
      "Services for tests, in the order in which their providers are tried:
        postgres  env       refused    no URL is given
                                       → Set KEPLOY_FIXTURES_POSTGRES_URL.
                  local     chosen     postgres 15.18
                                       (/very-long-folder/very-long-folder/very-long-f
                                       older/very-long-folder/very-long-folder/very-lo
                                       ng-folder/bin)
                  embedded  left out   not among the providers asked for
        redis     env       refused    no URL is given
      "
    `)
  })

  it('says nothing about no services', () => {
    expect(renderServices([])).toBe('')
    expect(summarizeServices([])).toBe('')
  })
})

describe('summarizeServices', () => {
  it('names what would be taken', () => {
    expect(summarizeServices(services)).toBe('Fixtures can start here: postgres (local). All providers: --fixtures\n')
    expect(summarizeServices(services.slice(1))).toContain('can start here: none.')
  })
})

describe('checkServices', () => {
  it('tells once of what keeps several services from being had', () => {
    const entries: ServiceProbe['entries'] = [
      { provider: 'docker', status: 'refused', detail: 'it is dead', fix: 'Revive it.', fatal: true },
      { provider: 'local', status: 'available', detail: 'here' },
    ]
    expect(checkServices([{ service: 'a', entries }, ...services, { service: 'b', entries }])).toEqual([
      { name: 'fixtures', status: 'fail', message: 'a, b: it is dead', fix: 'Revive it.' },
    ])
  })
})

describe('doctor', () => {
  it('has one sentence on fixtures in a folder that has nothing to do with them', async () => {
    const { code, output } = await doctor()
    expect(code).toBe(0)
    expect(output).toContain('\nFixtures can start here: ')
    expect(output).not.toContain('Services for tests')
  })

  it('has the table in a project that depends on them, and when it is asked for', async () => {
    const asked = await doctor({ fixtures: true, quiet: true })
    expect(asked.output).toContain('Services for tests, in the order')
    await dependOnFixtures()
    const { output } = await doctor()
    for (const name of ['postgres', 'redis', 'kafka', 'nats']) expect(output).toMatch(new RegExp(`^  ${name} `, 'm'))
    for (const line of output.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
    expect((await doctor({ quiet: true })).output).not.toContain('Services for tests')
  })

  it('fails on a provider that does not exist, and goes on with everything else', async () => {
    const { code, output } = await doctor({ quiet: true }, { KEPLOY_FIXTURES_PROVIDERS: 'locl' })
    expect(code).toBe(2)
    expect(output).toMatch(/^FAIL {2}fixtures +KEPLOY_FIXTURES_PROVIDERS names locl, which is no provider\./m)
    expect(output).toContain('→ Correct the variable, or take it away.')
    const { ok, checks, fixtures } = await report({}, { KEPLOY_FIXTURES_PROVIDERS: 'locl' })
    expect({ ok, fixtures }).toEqual({ ok: false, fixtures: [] })
    expect(checks.map(({ name }) => name)).toContain('node')
  })

  it('fails on a Docker that was named and does not answer, where fixtures are used', async () => {
    const env = { DOCKER_HOST: 'unix:///nonexistent.sock' }
    expect((await report({}, env)).ok).toBe(true)
    await dependOnFixtures()
    const { ok, checks } = await report({}, env)
    expect(ok).toBe(false)
    expect(checks.filter(({ name }) => name === 'fixtures')).toEqual([
      {
        name: 'fixtures',
        status: 'fail',
        message: expect.stringMatching(/postgres.*redis.*: DOCKER_HOST is unix:\/\/\/nonexistent\.sock/),
        fix: expect.stringContaining('KEPLOY_FIXTURES_PROVIDERS'),
      },
    ])
  })

  it('removes what an ended run kept, when it is asked to, and counts it', async () => {
    const clean = async () => (await report({ clean: true })).checks.filter(({ name }) => name === 'clean')
    expect(await clean()).toMatchObject([{ status: 'ok', message: 'No run of fixtures left anything.' }])
    const ended = spawn(process.execPath, ['-e', '0'])
    await once(ended, 'exit')
    const run = join(cwd, 'data/runs/kept-run')
    const data = join(cwd, 'data/of-that-run')
    await mkdir(run, { recursive: true })
    await mkdir(data)
    await writeFile(join(run, 'owner.json'), JSON.stringify({ pid: ended.pid, identity: 'x', host: hostname() }))
    await writeFile(join(run, 'resources.jsonl'), `${JSON.stringify({ type: 'directory', path: data })}\n`)
    await writeFile(join(run, 'kept'), '')
    expect(await clean()).toMatchObject([
      { status: 'ok', message: 'Removed what 1 run left: 0 processes, 0 containers, 1 folder.' },
    ])
    expect([existsSync(run), existsSync(data)]).toEqual([false, false])
  })

  it('fails when the folder to be cleaned can be no folder', async () => {
    const { checks } = await report({ clean: true }, { KEPLOY_FIXTURES_DIR: '/dev/null' })
    expect(checks.filter(({ name }) => name === 'clean')).toMatchObject([
      { status: 'fail', message: expect.stringContaining('/dev/null cannot be used') },
    ])
  })
})
