/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: a Redis that need not run for a replay
 * Impact: a suite that runs in seconds, anywhere
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { beforeAll, describe, expect, test } from 'vitest'

import { freePort } from './support/free-port.ts'
import { redisMissing, redisServer } from './support/redis-server.ts'
import { runCli, startCli, type CliResult } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'

const service = fileURLToPath(new URL('fixtures/redis-service.mjs', import.meta.url))
const password = 'pw-9f8e7d6c5b4a'
const missing = redisMissing()

interface Recorded extends AsyncDisposable {
  readonly cwd: string
  readonly redisPort: number
  readonly env: Record<string, string>
  readonly recorder: CliResult
  /** Replays with the dependency as it is then. */
  replay(args?: string[], env?: Record<string, string>): Promise<CliResult>
}

/** Records two requests against a Redis, which is stopped then. */
async function recorded(
  args: string[] = [],
  more: { env?: Record<string, string>; kill?: boolean } = {},
): Promise<Recorded> {
  const dir = await tempDir()
  await using redis = await redisServer({ password })
  const env = { REDIS_URL: `redis://:${password}@127.0.0.1:${redis.port}`, ...more.env }
  const port = await freePort()
  const command = ['--', process.execPath, service]
  await using recorder = startCli(['record', '--port', String(port), ...args, ...command], { cwd: dir.path, env })
  await recorder.waitFor('Recording:')
  const url = `http://127.0.0.1:${port}/things/first`
  expect((await fetch(url, { method: 'PUT' })).status).toBe(201)
  expect(await (await fetch(url)).json()).toEqual({ value: 'value of first' })
  recorder.child.kill(more.kill === true ? 'SIGKILL' : 'SIGINT')
  const result = await recorder.done
  return {
    cwd: dir.path,
    redisPort: redis.port,
    env,
    recorder: result,
    replay: async (options = [], extra = {}) =>
      await runCli(['test', '--port', String(await freePort()), ...options, ...command], {
        cwd: dir.path,
        env: { ...env, ...extra },
      }),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  }
}

async function allText(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))).join('\n')
}

describe.skipIf(missing !== undefined)(`a service with Redis${missing === undefined ? '' : ` (${missing})`}`, () => {
  let set: Recorded
  beforeAll(async () => {
    set = await recorded()
    return () => set[Symbol.asyncDispose]()
  })

  test('is replayed with its dependency stopped, and says what was answered', async () => {
    expect(set.recorder).toMatchObject({ code: 0 })
    expect(set.recorder.stdout).toMatch(/\d calls to dependencies recorded \(each with its test\)/)
    const { code, stdout } = await set.replay(['--strict-unused'])
    expect(stdout).toMatch(/Mocks +\d+ served, 0 missed, 0 unused/)
    expect(code).toBe(0)
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  })

  test('writes its password nowhere', async () => {
    const { stdout, stderr } = await set.replay(['--report'])
    const all = (await allText(set.cwd)) + set.recorder.stdout + set.recorder.stderr + stdout + stderr
    expect(all).toContain('thing:first')
    expect(all).not.toContain(password)
  })

  test('fails where it asks for another key, and the call is named with its nearest and what accepts it', async () => {
    const { code, stdout } = await set.replay([], { CHANGED: '1' })
    expect(code).toBe(1)
    const flat = stdout.replaceAll(/\s+/g, ' ')
    expect(flat).toContain('GET object:first')
    expect(flat).toContain('GET thing:first')
    expect(flat).toMatch(/keploy-framework test --mocks record-missing --tests get-things-first-1 --port \d+ -- \S+/)
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
  })

  test('is counted in JSON', async () => {
    const { stdout } = await set.replay(['--reporter', 'json'], { CHANGED: '1' })
    const report = JSON.parse(stdout) as { mocks: unknown; sets: { tests: { failures: { kind: string }[] }[] }[] }
    expect(report.mocks).toMatchObject({ missed: 2 })
    expect(report.sets[0]?.tests.flatMap(({ failures }) => failures.map(({ kind }) => kind))).toContain('dependency')
  })

  test('fails a strict replay where it goes around its relays', async () => {
    await using other = await redisServer()
    const { code, stdout } = await set.replay([], { AROUND: String(other.port) })
    expect(stdout).toContain('KEPLOY_BYPASS')
    expect(code).toBe(1)
  })

  test('reaches the real dependency with --mocks off', async () => {
    const stopped = await set.replay(['--mocks', 'off'])
    expect(stopped.code).toBe(1)
    await using _ = await redisServer({ port: set.redisPort, password })
    expect(await set.replay(['--mocks', 'off'])).toMatchObject({ code: 0 })
  })
})

describe.skipIf(missing !== undefined)('a recording with Redis', () => {
  test('takes what is new with --mocks record-missing, and is strict again after it', async () => {
    await using set = await recorded()
    const before = await allText(join(set.cwd, 'keploy'))
    {
      await using _ = await redisServer({ port: set.redisPort, password })
      const { stdout } = await set.replay(['--mocks', 'record-missing'], { CHANGED: '1' })
      expect(stdout).toContain('2 calls were added')
    }
    expect(await allText(join(set.cwd, 'keploy'))).toContain('object:first')
    expect(before).not.toContain('object:first')
    const { stdout, code } = await set.replay(['--tests', 'put-*'], { CHANGED: '1' })
    expect(stdout).toContain('0 missed')
    expect(code, stdout).toBe(0)
  })

  test('has its mocks after the recorder was killed', async () => {
    await using set = await recorded([], { kill: true })
    expect(set.recorder.signal).toBe('SIGKILL')
    const { code, stdout } = await runCli(['record', '--recover'], { cwd: set.cwd })
    expect(stdout).toMatch(/2 tests saved[^]*calls to dependencies recorded/)
    expect(code).toBe(0)
    expect(await set.replay()).toMatchObject({ code: 0 })
  })

  test('warns of connections that go around the relays', async () => {
    await using other = await redisServer()
    await using set = await recorded([], { env: { AROUND: String(other.port) } })
    expect(set.recorder.stderr).toContain('KEPLOY_BYPASS')
    expect(set.recorder.code).toBe(0)
  })

  test.for(['--serial', '--hook'])('knows with %s which request caused a call', async (option) => {
    await using set = await recorded([option])
    expect(set.recorder.stdout).toContain('(each with its test)')
    expect(await set.replay(option === '--hook' ? [option] : [])).toMatchObject({ code: 0 })
  })

  test('answers any command through mock, with the code of that command', async () => {
    await using dir = await tempDir({
      'ask.mjs': `
        import { connect } from 'node:net'
        const { hostname, port } = new URL(process.env.REDIS_URL)
        const socket = connect(Number(port), hostname, () => socket.write('*2\\r\\n$4\\r\\nINCR\\r\\n$5\\r\\ncount\\r\\n'))
        socket.on('data', (chunk) => { console.log('answer', String(chunk).trim()); process.exit(7) })
      `,
    })
    const port = await freePort()
    const options = { cwd: dir.path, env: { REDIS_URL: `redis://127.0.0.1:${port}` } }
    const command = ['--', process.execPath, 'ask.mjs']
    {
      await using _ = await redisServer({ port })
      expect(await runCli(['mock', '--record', ...command], options)).toMatchObject({ code: 7 })
    }
    const answered = await runCli(['mock', ...command], options)
    expect(answered.stdout).toContain('answer :1')
    expect(answered.stderr).toContain('1 served, 0 missed, 0 unused')
    expect(answered.code).toBe(7)

    const served = await freePort()
    await using serving = startCli(['serve', '--listen', `redis=${served}`], options)
    await serving.waitFor('Serving')
    const direct = await runCli(['mock', '--test-set', 'mock-set', ...command], {
      ...options,
      env: { REDIS_URL: `redis://127.0.0.1:${served}` },
    })
    expect(direct.stdout + direct.stderr).toContain('answer :1')
  })
})
