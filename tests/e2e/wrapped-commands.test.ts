/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: the tests that people have, with their dependencies answered
 * Impact: a suite that runs in seconds, anywhere
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { freePort } from './support/free-port.ts'
import { mappingsOf, redisMock } from './support/redis-mock.ts'
import { cliArguments, runCli, startCli } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'

const node = process.execPath
const env = { REDIS_URL: 'redis://127.0.0.1:6379' }

async function withMocks() {
  return await tempDir({
    'keploy/unit/mocks.yaml': redisMock(),
    'keploy/unit/mappings.yaml': mappingsOf({ gone: ['mock-0'] }),
  })
}

/** Says that it runs, tells the signals that it gets, and ends with 5 a moment after the first. */
const tellsSignals = `
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(name, () => { console.log('got ' + name); setTimeout(() => process.exit(5), 300) })
setInterval(() => {}, 1000)
console.log('running')
`

describe('a command that is wrapped', () => {
  test.each([
    ['its own code', ['-e', 'process.exit(42)'], 42],
    ['0', ['-e', ''], 0],
    ['128 and the signal that ended it', ['-e', `process.kill(process.pid, 'SIGKILL')`], 137],
  ])('gives %s', async (_, args, code) => {
    await using dir = await withMocks()
    for (const own of [[], ['--record']]) {
      const ended = await runCli(['mock', ...own, '--', node, ...args], { cwd: dir.path, env })
      // A recording of nothing is told apart from one.
      expect(ended.code, ended.stderr).toBe(code === 0 && own.length > 0 ? 4 : code)
    }
  })

  test('that is not there gives 127, one that may not be run 126, and neither leaves anything behind', async () => {
    await using dir = await withMocks()
    await writeFile(join(dir.path, 'notes.txt'), 'no program', { mode: 0o644 })
    for (const [command, code] of [
      ['no-such-command-here', 127],
      ['./notes.txt', 126],
    ] as const) {
      for (const own of [[], ['--record']]) {
        const { code: ended, stderr } = await runCli(['mock', ...own, '--', command], { cwd: dir.path, env })
        expect(stderr).toMatch(new RegExp(`${command}.*\\[KEPLOY_RUN_COMMAND\\]`))
        expect(ended, own.join()).toBe(code)
      }
    }
    expect(await readdir(join(dir.path, 'keploy'))).toEqual(['unit'])
  })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('gets %s once, and as it was sent', async (signal) => {
    await using dir = await withMocks()
    await using running = startCli(['mock', '--', node, '-e', tellsSignals], { cwd: dir.path, env })
    await running.waitFor('running')
    running.child.kill(signal)
    const { code, stdout } = await running.done
    expect(stdout.match(/got \w+/g)).toEqual([`got ${signal}`])
    expect(code).toBe(5)
  })

  test.skipIf(!existsSync('/usr/bin/script'))(
    'gets Ctrl-C of a terminal from the terminal alone (skipped without script)',
    async () => {
      await using dir = await withMocks()
      await writeFile(join(dir.path, 'tell.cjs'), tellsSignals)
      const words = [node, ...cliArguments, 'mock', '--', node, 'tell.cjs'].map((word) => `'${word}'`).join(' ')
      const child = spawn('script', ['-qec', words, '/dev/null'], {
        cwd: dir.path,
        env: { PATH: process.env['PATH'] ?? '', HOME: dir.path, ...env },
        stdio: ['pipe', 'pipe', 'inherit'],
      })
      let text = ''
      child.stdout.on('data', (chunk) => {
        text += String(chunk)
        if (String(chunk).includes('running')) child.stdin.write('\u0003')
      })
      await new Promise((resolve) => child.once('close', resolve))
      expect(text.match(/got \w+/g)).toEqual(['got SIGINT'])
    },
  )

  test('that records is kept when it is interrupted', async () => {
    const redis = createServer((socket) => socket.on('data', () => socket.write('$1\r\nx\r\n')))
    await new Promise<void>((resolve) => redis.listen(0, '127.0.0.1', resolve))
    const { port } = redis.address() as AddressInfo
    await using dir = await tempDir({
      'ask.mjs': `
        import { connect } from 'node:net'
        const { hostname, port } = new URL(process.env.REDIS_URL)
        const socket = connect(Number(port), hostname, () => socket.write('*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\na\\r\\n'))
        socket.on('data', () => console.log('answered'))
      `,
    })
    const options = { cwd: dir.path, env: { REDIS_URL: `redis://127.0.0.1:${port}` } }
    await using running = startCli(['mock', '--record', '--', node, 'ask.mjs'], options)
    await running.waitFor('answered')
    running.child.kill('SIGTERM')
    const { code, stderr } = await running.done
    redis.close()
    expect(stderr).toContain('1 call recorded')
    expect(code).toBe(143)
    expect(await readdir(join(dir.path, 'keploy'))).toContain('mock-set')
  })

  test('that records into a set which somebody else made meanwhile loses nothing', async () => {
    const redis = createServer((socket) => socket.on('data', () => socket.write('$1\r\nx\r\n')))
    await new Promise<void>((resolve) => redis.listen(0, '127.0.0.1', resolve))
    const { port } = redis.address() as AddressInfo
    await using dir = await tempDir({
      'ask.mjs': `
        import { connect } from 'node:net'
        const { hostname, port } = new URL(process.env.REDIS_URL)
        const socket = connect(Number(port), hostname, () => socket.write('*2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\na\\r\\n'))
        socket.on('data', () => { console.log('answered'); process.stdin.resume().once('data', () => process.exit(0)) })
        setInterval(() => {}, 1000)
        process.on('SIGUSR2', () => process.exit(0))
      `,
    })
    const options = { cwd: dir.path, env: { REDIS_URL: `redis://127.0.0.1:${port}` } }
    await using one = startCli(['mock', '--record', '--', node, 'ask.mjs'], options)
    await using two = startCli(['mock', '--record', '--', node, 'ask.mjs'], options)
    await one.waitFor('answered')
    await two.waitFor('answered')
    one.child.kill('SIGTERM')
    expect((await one.done).stderr).toContain('1 call recorded')
    two.child.kill('SIGTERM')
    const late = await two.done
    redis.close()
    expect(late.stderr).toMatch(/--recover[^]*KEPLOY_RECORD_EXISTS/)
    expect(late.code).toBe(2)
    const recovered = await runCli(['record', '--recover'], options)
    expect(recovered.stdout).toMatch(/1 call.* recorded/)
    expect(recovered.code).toBe(0)
    expect(existsSync(join(dir.path, 'keploy/test-set-0/mocks.yaml'))).toBe(true)
  })
})

describe('serve', () => {
  test('says which port is taken, by name, and ends with 3', async () => {
    await using dir = await withMocks()
    const port = String(await freePort())
    await using first = startCli(['serve', '--listen', `redis=${port}`], { cwd: dir.path })
    await first.waitFor('Serving')
    const { code, stderr } = await runCli(['serve', '--listen', `redis=${port}`], { cwd: dir.path })
    expect(stderr).toMatch(new RegExp(`redis 127\\.0\\.0\\.1:6379.*${port}.*\\[KEPLOY_RELAY_LISTEN\\]`))
    expect(code).toBe(3)
    // Two may serve the same set on ports of their own.
    await using second = startCli(['serve'], { cwd: dir.path })
    await second.waitFor('Serving')
    for (const one of [first, second]) {
      one.child.kill('SIGTERM')
      expect((await one.done).code).toBe(0)
    }
  })

  test('refuses what it cannot do', async () => {
    await using dir = await withMocks()
    await mkdir(join(dir.path, 'keploy/empty'))
    for (const [args, code, text] of [
      [['--test-set', 'nothere'], 4, 'nothere'],
      [['--test-set', 'empty'], 4, 'empty'],
      [['--test-set', '../..'], 2, 'KEPLOY_FORMAT_SET_NAME'],
      [['--listen', 'redis=0'], 2, 'KEPLOY_BAD_OPTION'],
      [['--listen', 'postgres=5432'], 2, 'redis 127.0.0.1:6379'],
      [['--listen', 'redis=65536'], 2, 'KEPLOY_BAD_OPTION'],
      [['--host', '192.0.2.1'], 3, 'KEPLOY_RELAY_LISTEN'],
      [['--dir', 'nowhere'], 4, 'nowhere'],
    ] as const) {
      const ended = await runCli(['serve', ...args], { cwd: dir.path })
      expect(ended.stderr, args.join(' ')).toContain(text)
      expect(ended.stderr).not.toMatch(/\n {4}at /)
      expect(ended.code, `${args.join(' ')}: ${ended.stderr}`).toBe(code)
    }
  })

  test('ends with 1 when somebody asked what was not recorded', async () => {
    await using dir = await withMocks()
    const port = await freePort()
    await using serving = startCli(['serve', '--listen', `redis=${port}`], { cwd: dir.path })
    await serving.waitFor('Serving')
    const ask = `require('node:net').connect(${port}, '127.0.0.1', function () { this.end('GET thing:b\\r\\n') }).on('data', () => {})`
    spawn(node, ['-e', ask], { stdio: 'ignore' })
    await serving.waitFor('KEPLOY_MOCK_MISSED')
    serving.child.kill('SIGINT')
    const { code, stderr } = await serving.done
    expect(stderr).toContain('0 served, 1 missed')
    expect(code).toBe(1)
  })
})
