/**
 * Segment: teams that record what their service does
 * Goal: a recording that can be relied on
 * Value: passwords of dependencies that reach no file
 * Impact: no exchange is lost that a client saw
 */
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { postgres, redis, startFixtures, waitForCondition } from '@keploy-framework/fixtures'
import { Redis } from 'ioredis'
import pg from 'pg'
import { expect, it } from 'vitest'

import { describeService } from '../../../packages/fixtures/test/require-service.ts'
import { freePort, runCli, type CliRun } from '../harness/run-cli.ts'

const service = [process.execPath, path.join(import.meta.dirname, 'secrets-service.mjs')]
const secrets = {
  rolePassword: 'rolePw-7Hq2mZx9Kd',
  redisPassword: 'redisPw-Xw83nVb5Te',
  login: 'loginPw-9sKq4Tz7Lm',
  changed: 'changedPw-2bYr8Wn6Qc',
  token: 'tok_4f9c2e7a1b8d3f6e5a0c9b7d2e4f8a1c',
  reset: 'rst_8e1d5c3b9a7f2e4d6c0b8a5f3e1d7c9b',
}

interface Dependencies extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>
}

/** Postgres and Redis with passwords, and a user. */
async function start(): Promise<Dependencies> {
  const fixtures = startFixtures({ db: postgres({ providers: ['local'] }), cache: redis({ providers: ['local'] }) })
  const db = await fixtures.acquire('db')
  const cache = await fixtures.acquire('cache')
  const admin = new pg.Client({ connectionString: db.url })
  await admin.connect()
  await admin.query(`create table users (id serial, email text, password text, api_token text)`)
  await admin.query(`create table resets (email text, reset_token text)`)
  await admin.query('insert into users (email, password, api_token) values ($1, $2, $3)', [
    'ann@example.test',
    secrets.login,
    secrets.token,
  ])
  await admin.query(`create role secret_app superuser login password '${secrets.rolePassword}'`)
  await admin.end()
  const client = new Redis(cache.url)
  await client.config('SET', 'requirepass', secrets.redisPassword)
  client.disconnect()
  const database = new URL(db.url)
  database.username = 'secret_app'
  database.password = secrets.rolePassword
  const store = new URL(cache.url)
  store.password = secrets.redisPassword
  return {
    env: { DATABASE_URL: database.href, REDIS_URL: store.href },
    async [Symbol.asyncDispose]() {
      await fixtures.close()
    },
  }
}

async function temporary(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'keploy-secrets-'))
  return { path: folder, [Symbol.asyncDispose]: async () => await rm(folder, { recursive: true, force: true }) }
}

/** Waits until Postgres works on a query like that: what was sent then went through the recorder. */
async function underWay({ env }: Dependencies, query: string): Promise<void> {
  const client = new pg.Client({ connectionString: env['DATABASE_URL'] })
  await client.connect()
  try {
    const running = `select 1 from pg_stat_activity where state = 'active' and query like $1 and pid <> pg_backend_pid()`
    await waitForCondition(async () => (await client.query(running, [query])).rowCount !== 0, { timeout: 30_000 })
  } finally {
    await client.end()
  }
}

/** Every file below a folder, with its name. */
async function everything(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const texts = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const file = path.join(entry.parentPath, entry.name)
      return `${file}\n${await readFile(file, 'latin1')}`
    })
  return (await Promise.all(texts)).join('\n')
}

function leaks(text: string): string[] {
  return Object.entries(secrets).flatMap(([name, value]) =>
    [value, Buffer.from(value).toString('base64'), encodeURIComponent(value)]
      .filter((form, index, forms) => forms.indexOf(form) === index && text.includes(form))
      .map((form) => {
        const at = text.indexOf(form)
        return `${name}: ${text.slice(Math.max(0, at - 200), at + form.length + 40)}`
      }),
  )
}

async function ready(run: CliRun): Promise<void> {
  await waitForCondition(() => (run.stdout() + run.stderr()).includes('Recording: send requests'), {
    timeout: 30_000,
    describe: 'the recorder to record',
  })
}

async function useIt(origin: string): Promise<number[]> {
  const post = async (where: string, body: unknown): Promise<Response> =>
    await fetch(origin + where, { method: 'POST', body: JSON.stringify(body) })
  const login = await post('/login', { email: 'ann@example.test', password: secrets.login })
  const { token } = (await login.json()) as { token: string }
  const me = await fetch(`${origin}/me`, { headers: { authorization: `Bearer ${token}` } })
  const change = await post('/change', { password: secrets.changed, reset_token: secrets.reset })
  const wrong = await post('/login', { email: 'ann@example.test', password: secrets.login })
  return [login.status, me.status, change.status, wrong.status]
}

await describeService('postgres', 'local', () => {
  it(
    'keeps no password or token of bodies, SQL, rows, keys, headers and settings, and replays without them',
    {
      timeout: 180_000,
    },
    async () => {
      await using folder = await temporary()
      let journal = ''
      let output = ''
      let env: Readonly<Record<string, string>> = {}
      {
        await using dependencies = await start()
        env = dependencies.env
        const port = String(await freePort())
        await using run = runCli(['record', '--port', port, '--', ...service], folder.path, env)
        await ready(run)
        expect(await useIt(`http://127.0.0.1:${port}`)).toEqual([200, 200, 200, 401])
        journal = await everything(path.join(folder.path, 'keploy'))
        run.interrupt()
        expect(await run.done).toBe(0)
        output = run.stdout() + run.stderr()
      }
      expect(leaks(journal)).toEqual([])
      expect(leaks(await everything(folder.path))).toEqual([])
      expect(leaks(output)).toEqual([])
      expect(await everything(folder.path)).toContain('select id, email, api_token from users')
      const port = String(await freePort())
      // Nobody shows these in a replay: what a recorded answer needs has to be given, as what a request needs.
      const { login, token, changed, reset } = secrets
      const numbered = [login, token, changed, reset].map((value, index) => [`KEPLOY_SECRET_${index + 1}`, value])
      const values = Object.fromEntries(numbered) as Record<string, string>
      await using replay = runCli(['test', '--port', port, '--', ...service], folder.path, { ...env, ...values })
      const code = await replay.done
      expect(leaks(await everything(folder.path))).toEqual([])
      expect(leaks(replay.stdout() + replay.stderr())).toEqual([])
      expect(code, replay.stdout()).toBe(0)
    },
  )

  it('gives the calls of a recorder that was killed, one of them under way', { timeout: 180_000 }, async () => {
    await using folder = await temporary()
    await using dependencies = await start()
    const port = String(await freePort())
    await using run = runCli(['record', '--port', port, '--', ...service], folder.path, dependencies.env)
    await ready(run)
    await useIt(`http://127.0.0.1:${port}`)
    const slow = fetch(`http://127.0.0.1:${port}/slow`).catch(() => undefined)
    await underWay(dependencies, '%pg_sleep%')
    process.kill(run.pid, 'SIGKILL')
    await run.done
    await slow
    await using recovery = runCli(['record', '--recover'], folder.path)
    expect(await recovery.done, recovery.stderr()).toBe(0)
    const text = await everything(folder.path)
    expect(text).toContain('calls.yaml')
    expect(text).toContain('select id, email, api_token from users')
    expect(text).toContain('mappings.yaml')
    expect(text).not.toContain('pg_sleep')
    expect(leaks(text)).toEqual([])
    expect(leaks(recovery.stdout() + recovery.stderr())).toEqual([])
  })
})
