/**
 * Segment: teams that record what their service does
 * Goal: a recording that can be relied on
 * Value: secrets that never reach a file, and replays all the same
 * Impact: no exchange is lost that a client saw
 */
import { copyFile, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { beforeAll, describe, expect, test } from 'vitest'

import { freePort } from './support/free-port.ts'
import { runCli, startCli } from './support/run-cli.ts'
import type { CliResult } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'
import type { TempDir } from './support/temp-dir.ts'

const service = fileURLToPath(new URL('fixtures/auth-service.mjs', import.meta.url))
const EMAIL = 'ann@example.test'
/** With characters that a URL, a form, JSON and a shell write in different ways. */
const PASSWORD = 'p&s w"rd+100%é'
const PIN = 867_530

interface Session {
  readonly access_token: string
  readonly refresh_token: string
  readonly csrf_token: string
  readonly download_token: string
  readonly cookie: string
}

/** Uses everything that a login gave, then ends the session. */
async function useSession(call: Call, session: Session): Promise<void> {
  const cookie = { cookie: session.cookie }
  await call('GET', '/me', { authorization: `Bearer ${session.access_token}` })
  await call('GET', '/account', cookie)
  await call('POST', '/account', { ...cookie, 'x-csrf-token': session.csrf_token }, { theme: 'dark' })
  await call('GET', `/download?token=${encodeURIComponent(session.download_token)}&as=zip`)
  await call('POST', '/introspect', {}, new URLSearchParams({ token: session.access_token, hint: 'access' }))
  const renewed = (await (
    await call('POST', '/refresh', {}, { refresh_token: session.refresh_token })
  ).json()) as Session
  await call('GET', '/me', { authorization: `Bearer ${renewed.access_token}` })
  await call('POST', '/logout', cookie)
  await call('GET', '/account', cookie)
}

type Call = (method: string, path: string, headers?: Record<string, string>, body?: object) => Promise<Response>

function caller(url: string): Call {
  return async (method, path, headers = {}, body) => {
    const form = body instanceof URLSearchParams
    const response = await fetch(url + path, {
      method,
      headers: { ...(body && !form ? { 'content-type': 'application/json' } : {}), ...headers },
      ...(body ? { body: form ? body : JSON.stringify(body) } : {}),
    })
    await response.clone().arrayBuffer()
    return response
  }
}

async function enter(call: Call, path: string, body: object): Promise<Session> {
  const response = await call('POST', path, {}, body)
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  return { ...((await response.json()) as Omit<Session, 'cookie'>), cookie }
}

/** Records what `drive` does, and gives everything that the recorder wrote and printed. */
async function record(cwd: string, args: string[], drive: (call: Call) => Promise<void>): Promise<string> {
  const port = await freePort()
  const issued = join(cwd, 'issued.txt')
  await using recorder = startCli(['record', '--port', String(port), ...args, '--', process.execPath, service], {
    cwd,
    env: { ISSUED: issued },
  })
  await recorder.waitFor('Recording')
  await drive(caller(`http://127.0.0.1:${port}`))
  const journal = await allText(join(cwd, 'keploy', '.journal'))
  expect(journal).toContain('/refresh')
  recorder.child.kill('SIGINT')
  const { code, stdout, stderr } = await recorder.done
  expect(code).toBe(0)
  return stdout + stderr + journal
}

interface Replay extends CliResult {
  readonly verdicts: string[]
  readonly tests: readonly { readonly name: string; readonly failures: readonly { readonly message: string }[] }[]
  /** Everything that the run printed and wrote. */
  readonly shown: string
  readonly issued: string[]
}

/** Replays against a service of its own, with every reporter. */
async function replay(cwd: string, env: Record<string, string> = {}, fault = ''): Promise<Replay> {
  const issued = join(cwd, 'issued.txt')
  await rm(issued, { force: true })
  const port = String(await freePort())
  const reporters = ['--reporter', 'pretty,junit,html,json', '--output', 'reports']
  const command = ['--', process.execPath, service, port]
  const result = await runCli(['test', '--port', port, ...reporters, ...command], {
    cwd,
    env: { ...env, FAULT: fault, ISSUED: issued },
  })
  const json = JSON.parse(await readFile(join(cwd, 'reports', 'report.json'), 'utf8')) as {
    sets: { tests: (Replay['tests'][number] & { status: string })[] }[]
  }
  const tests = json.sets.flatMap((set) => set.tests)
  return {
    ...result,
    tests,
    verdicts: tests.filter(({ status }) => status !== 'passed').map(({ name, status }) => `${name} ${status}`),
    shown: result.stdout + result.stderr + (await allText(cwd)),
    issued: await secretsIn(issued),
  }
}

async function secretsIn(issued: string): Promise<string[]> {
  return (await readFile(issued, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
}

/** Everything below a folder, but for the file of values that is meant to hold them. */
async function allText(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && !['secret.yaml', 'issued.txt'].includes(entry.name))
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))).join('\n')
}

/** Looks for secrets in all the ways in which they may be written. */
function expectNone(secrets: readonly string[], text: string): void {
  expect(secrets.length).toBeGreaterThan(0)
  for (const secret of secrets) {
    const percent = encodeURIComponent(secret)
    const escaped = JSON.stringify(secret).slice(1, -1)
    const html = secret.replaceAll('&', '&amp;').replaceAll('"', '&quot;')
    for (const writing of new Set([
      secret,
      percent,
      percent.replaceAll('%20', '+'),
      escaped,
      escaped.replaceAll('&', String.raw`\u0026`),
      html,
    ])) {
      expect(text.includes(writing), `${writing} was written or shown`).toBe(false)
    }
  }
}

describe('a session that the service opens by itself', () => {
  let recorded: string[] = []
  let dir: TempDir

  beforeAll(async () => {
    dir = await tempDir()
    const shown = await record(dir.path, [], async (call) => {
      await useSession(call, await enter(call, '/guest', { name: 'ann' }))
    })
    recorded = await secretsIn(join(dir.path, 'issued.txt'))
    expectNone(recorded, shown + (await allText(dir.path)))
    return () => dir[Symbol.asyncDispose]()
  })

  test('is recorded without its secrets, and without what a token says about a person', async () => {
    const sidecar = await readFile(join(dir.path, 'keploy/test-set-0/framework.yaml'), 'utf8')
    expect(sidecar).toContain('notes:read')
    expect(sidecar).toContain('HS256')
    expect(sidecar).not.toMatch(/Ann Example|guest-of-ann/)
  })

  test('is replayed against a fresh service without any help', async () => {
    const run = await replay(dir.path)
    expect(run.verdicts).toEqual([])
    expect(run.code).toBe(0)
    expect(run.tests).toHaveLength(10)
    expectNone([...recorded, ...run.issued], run.shown)
    expect(run.issued.some((secret) => recorded.includes(secret))).toBe(false)
  })

  test('fails in the very test that uses a wrong token', async () => {
    const run = await replay(dir.path, {}, 'refresh')
    expect(run.verdicts).toEqual(['get-me-2 failed'])
    expect(run.code).toBe(1)
    expectNone([...recorded, ...run.issued], run.shown)
  })

  test('fails where a token promises something else, and blocks what needs it', async () => {
    const run = await replay(dir.path, {}, 'alg')
    expect(run.verdicts).toEqual([
      'post-guest-1 failed',
      'get-me-1 blocked',
      'post-introspect-1 blocked',
      'post-refresh-1 failed',
      'get-me-2 blocked',
    ])
    expect(run.tests[0]?.failures.map(({ message }) => message).join('\n')).toContain('another "alg" in its header')
    expect(run.tests[1]?.failures[0]?.message).toContain('post-guest-1 should have shown it')
    expectNone([...recorded, ...run.issued], run.shown)
  })
})

describe('a password that clients send', () => {
  let recorded: string[] = []
  let dir: TempDir
  let number = ''
  let pin = ''
  let basic = ''
  let mode = 0

  beforeAll(async () => {
    dir = await tempDir()
    const shown = await record(dir.path, ['--save-secrets'], async (call) => {
      await call('POST', '/signup', {}, { email: EMAIL, password: PASSWORD, pin: PIN })
      await useSession(call, await enter(call, '/login', { email: EMAIL, password: PASSWORD }))
      const credentials = Buffer.from(`${EMAIL}:${PASSWORD}`).toString('base64')
      await call('GET', '/basic', { authorization: `Basic ${credentials}` })
      const form = new URLSearchParams({ email: EMAIL, password: PASSWORD })
      await call('POST', '/login', {}, form)
    })
    recorded = [...(await secretsIn(join(dir.path, 'issued.txt'))), PASSWORD, String(PIN)]
    expectNone(recorded, shown + (await allText(dir.path)))
    const file = join(dir.path, 'keploy/test-set-0/secret.yaml')
    ;({ mode } = await stat(file))
    await copyFile(file, join(dir.path, 'keploy/secret.yaml'))
    await rm(file)
    const tests = join(dir.path, 'keploy/test-set-0/tests')
    const signup = await readFile(join(tests, 'post-signup-1.yaml'), 'utf8')
    number = /"password\\?":\\?"\{\{secret\.(\d+)/.exec(signup)?.[1] ?? ''
    pin = /"pin\\?":\\?"\{\{secret\.(\d+)/.exec(signup)?.[1] ?? ''
    basic = /Basic \{\{secret\.(\d+)/.exec(await readFile(join(tests, 'get-basic-1.yaml'), 'utf8'))?.[1] ?? ''
    return () => dir[Symbol.asyncDispose]()
  })

  test('has one number wherever it was sent', async () => {
    for (const name of ['post-login-1', 'post-login-2']) {
      const text = await readFile(join(dir.path, 'keploy/test-set-0/tests', `${name}.yaml`), 'utf8')
      expect(text).toContain(`{{secret.${number}}}`)
    }
  })

  test('blocks the tests that need it, each with the name of what is missing', async () => {
    const run = await replay(dir.path)
    expect(run.code).toBe(1)
    expect(run.verdicts).toContain('post-signup-1 blocked')
    expect(run.verdicts).toContain('post-login-1 blocked')
    const [signup, login] = run.tests
    expect(signup?.failures[0]?.message).toContain(
      `{{secret.${number}}} (password field, first seen in the request of post-signup-1`,
    )
    expect(signup?.failures[0]?.message).toContain(`KEPLOY_SECRET_${number}`)
    expect(login?.failures.map(({ message }) => message)).toHaveLength(1)
    expect(run.tests.find(({ name }) => name === 'get-me-1')?.failures[0]?.message).toContain(
      'post-login-1 should have shown it',
    )
  })

  const credentials = `${EMAIL}:another p&ss "word"`
  const values = (prefix: string): Record<string, string> => ({
    [`${prefix}${number}`]: 'another p&ss "word"',
    [`${prefix}${pin}`]: '4711',
    [`${prefix}${basic}`]: credentials,
  })

  test('comes from the environment', async () => {
    const run = await replay(dir.path, values('KEPLOY_SECRET_'))
    expect(run.verdicts).toEqual([])
    expectNone([...recorded, ...run.issued, 'another p&ss "word"'], run.shown)
  })

  test('comes from the variable of the set before the general one', async () => {
    const wrong = { ...values('KEPLOY_SECRET_'), [`KEPLOY_SECRET_${number}`]: 'wrong' }
    const run = await replay(dir.path, { ...wrong, ...values('KEPLOY_SECRET_TEST_SET_0_') })
    expect(run.verdicts).toEqual([])
    expectNone([...recorded, ...run.issued, 'another p&ss "word"'], run.shown)
  })

  test('comes from the file that the recording saved', async () => {
    const file = join(dir.path, 'keploy/test-set-0/secret.yaml')
    await writeFile(file, await readFile(join(dir.path, 'keploy/secret.yaml')))
    const run = await replay(dir.path)
    await rm(file)
    expect(run.verdicts).toEqual([])
    expect(mode & 0o777).toBe(0o600)
    expectNone([...recorded, ...run.issued], run.shown)
  })
})
