/**
 * Segment: teams that record what their service does
 * Goal: a recording that can be relied on
 * Value: calls that are kept when the disk is full or the recorder dies
 * Impact: no exchange is lost that a client saw
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, readdir, readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, test } from 'vitest'

import { mountTiny, unmountTiny } from '../../packages/recorder/test/tiny-disk.ts'
import { freePort } from './support/free-port.ts'
import { cliArguments, runCli, startCli, type RunningCli } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'

const service = fileURLToPath(new URL('fixtures/redis-service.mjs', import.meta.url))
const command = ['--', process.execPath, service]
const NOBODY = 65_534

/** A Redis that takes everything, and knows nothing; `GET thing:slow` gets no answer. */
async function redis() {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      const text = String(chunk)
      if (!text.includes('slow')) socket.write(text.includes('SET') ? '+OK\r\n' : '$-1\r\n')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { env: { REDIS_URL: `redis://127.0.0.1:${port}` }, [Symbol.dispose]: () => void server.close() }
}

async function record(cwd: string, env: Record<string, string>, args: string[] = []) {
  const port = await freePort()
  const recorder = startCli(['record', '--port', String(port), ...args, ...command], { cwd, env })
  await recorder.waitFor('Recording:')
  const put = async (name: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}/things/${name}`, { method: 'PUT' })).status
  return { recorder, put, url: `http://127.0.0.1:${port}` }
}

const end = async (recorder: RunningCli, signal: NodeJS.Signals = 'SIGINT') => {
  recorder.child.kill(signal)
  return await recorder.done
}

const setsIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()

describe('calls that are recorded', () => {
  test('are recovered with their tests after the recorder was killed in the middle of one', async () => {
    using fake = await redis()
    await using dir = await tempDir()
    const { recorder, put, url } = await record(dir.path, fake.env)
    await using _ = recorder
    for (const name of ['a', 'b', 'c']) expect(await put(name)).toBe(201)
    const pending = fetch(`${url}/things/slow`).catch(() => undefined)
    // Two requests after it: by then the recorder has seen it.
    expect(await put('d')).toBe(201)
    recorder.child.kill('SIGKILL')
    await once(recorder.child, 'exit')
    expect((await recorder.done).signal).toBe('SIGKILL')
    await pending
    const { code, stdout } = await runCli(['record', '--recover'], { cwd: dir.path })
    expect(stdout).toMatch(/4 tests saved[^]*calls to dependencies recorded/)
    expect(code).toBe(0)
    const mappings = await readFile(join(dir.path, 'keploy/test-set-0/mappings.yaml'), 'utf8')
    expect(mappings.match(/- id: \S+/g)).toHaveLength(4)
    const port = String(await freePort())
    const replayed = await runCli(['test', '--port', port, ...command], { cwd: dir.path, env: fake.env })
    expect(replayed.stdout, replayed.stderr).toMatch(/Mocks +4 served, 0 missed, 0 unused/)
    expect(replayed.code).toBe(0)
  })

  test('by two recorders in one folder make two sets, each with its own', async () => {
    using fake = await redis()
    await using dir = await tempDir()
    const one = await record(dir.path, fake.env)
    await using first = one.recorder
    const two = await record(dir.path, fake.env)
    await using second = two.recorder
    await Promise.all([one.put('one'), two.put('two'), one.put('one-too'), two.put('two-too')])
    const ended = await Promise.all([end(first), end(second)])
    expect(ended.map(({ code }) => code)).toEqual([0, 0])
    const folder = join(dir.path, 'keploy')
    expect(await setsIn(folder)).toEqual(['test-set-0', 'test-set-1'])
    for (const set of await setsIn(folder)) {
      const mocks = await readFile(join(folder, set, 'mocks.yaml'), 'utf8')
      const [mine = '', ...others] = new Set(mocks.match(/thing:(?:one|two)/g))
      expect([mine === '', others]).toEqual([false, []])
      expect(await readFile(join(folder, set, 'mappings.yaml'), 'utf8')).toContain(`test_set_id: ${set}`)
    }
    const port = String(await freePort())
    const replayed = await runCli(['test', '--port', port, ...command], { cwd: dir.path, env: fake.env })
    expect(replayed.stdout, replayed.stderr).toMatch(/Mocks +4 served, 0 missed, 0 unused/)
  })

  test('are kept up to the full disk, which is told, and recovered when there is room', async (context) => {
    using fake = await redis()
    await using dir = await tempDir()
    const folder = join(dir.path, 'full')
    await mkdir(folder)
    const reason = mountTiny(folder)
    if (reason !== undefined) context.skip(reason)
    try {
      const { recorder, put } = await record(dir.path, fake.env, ['--dir', 'full'])
      await using _ = recorder
      for (let at = 0; at < 60; at++) expect(await put(`${'n'.repeat(1000)}${at}`)).toBe(201)
      await recorder.waitFor('KEPLOY_JOURNAL_FULL')
      expect(await put('later')).toBe(201)
      const { code, stderr } = await end(recorder)
      expect(stderr).toContain('Nothing more is recorded')
      expect(code).not.toBe(0)
      expect(await setsIn(folder)).toEqual([])
      execFileSync('mount', ['-o', 'remount,size=20m', folder])
      const recovered = await runCli(['record', '--recover', '--dir', 'full'], { cwd: dir.path })
      expect(recovered.stdout, recovered.stderr).toMatch(/[1-9]\d* tests saved[^]*calls to dependencies recorded/)
      const port = String(await freePort())
      const replayed = await runCli(['test', '--dir', 'full', '--port', port, ...command], {
        cwd: dir.path,
        env: fake.env,
      })
      expect(replayed.stdout, replayed.stderr).toMatch(/Mocks +[1-9]\d* served, 0 missed/)
    } finally {
      unmountTiny(folder)
    }
  })

  test('without tests are kept up to the full disk too, which is told and ends with an error', async (context) => {
    using fake = await redis()
    await using dir = await tempDir({
      'ask.mjs': `
        import { connect } from 'node:net'
        const { hostname, port } = new URL(process.env.REDIS_URL)
        const key = 'k'.repeat(1000)
        const socket = connect(Number(port), hostname)
        let left = 200
        const ask = () => socket.write('*2\\r\\n$3\\r\\nGET\\r\\n$1000\\r\\n' + key + '\\r\\n')
        socket.on('data', () => (left-- > 0 ? ask() : socket.end()))
        ask()
      `,
    })
    const folder = join(dir.path, 'full')
    await mkdir(folder)
    const reason = mountTiny(folder)
    if (reason !== undefined) context.skip(reason)
    try {
      const args = ['mock', '--record', '--dir', 'full', '--', process.execPath, 'ask.mjs']
      const { code, stderr } = await runCli(args, { cwd: dir.path, env: fake.env })
      expect(stderr).toContain('KEPLOY_JOURNAL_FULL')
      expect(code).not.toBe(0)
      expect(stderr).not.toMatch(/20[01] calls recorded/)
    } finally {
      unmountTiny(folder)
    }
  })
})

describe.skipIf(process.getuid?.() !== 0)('another user (skipped where the tests do not run as root)', () => {
  /** The command as `nobody`, without a terminal of any kind. */
  function asNobody(args: string[], cwd: string, env: Record<string, string>) {
    const words = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', process.execPath]
    const child = spawn('setsid', ['setpriv', ...words, ...cliArguments, ...args], {
      cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: cwd, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += String(chunk)))
    const done = once(child, 'close').then(([code]) => ({ code: code as number | null, text }))
    return { child, done, text: () => text }
  }

  test('records and replays in a folder of its own, and is told where it may not write', async () => {
    using fake = await redis()
    await using dir = await tempDir()
    await chmod(dir.path, 0o755)
    const refused = asNobody(['record', '--port', String(await freePort()), ...command], dir.path, fake.env)
    expect(await refused.done).toMatchObject({ code: 2, text: expect.stringContaining('KEPLOY_JOURNAL_OPEN') })

    await chown(dir.path, NOBODY, NOBODY)
    const port = String(await freePort())
    const recorder = asNobody(['record', '--port', port, ...command], dir.path, fake.env)
    try {
      await expect.poll(recorder.text, { timeout: 60_000 }).toContain('Recording:')
      expect((await fetch(`http://127.0.0.1:${port}/things/a`, { method: 'PUT' })).status).toBe(201)
    } finally {
      recorder.child.kill('SIGINT')
    }
    const recorded = await recorder.done
    expect(recorded.text).toContain('1 call to dependencies recorded')
    expect(recorded.text).not.toContain('\u001b')
    expect(recorded.code).toBe(0)
    const replayed = asNobody(['test', '--port', port, ...command], dir.path, fake.env)
    expect(await replayed.done).toMatchObject({ code: 0, text: expect.stringMatching(/Mocks +1 served, 0 missed/) })
  })
})
