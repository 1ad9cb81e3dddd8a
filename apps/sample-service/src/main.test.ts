import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline/promises'

import { afterEach, describe, expect, test, vi } from 'vitest'

import { driveNineRequests } from './client.ts'
import { main } from './main.ts'
import { startServer } from './server.ts'

const SCRIPT = `
  const { main } = await import(${JSON.stringify(new URL('main.ts', import.meta.url).href)})
  process.exitCode = await main(process.argv.slice(1))
`

function runService(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SCRIPT, '--', ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const log: string[] = []
  child.stderr.on('data', (chunk: Buffer) => log.push(chunk.toString()))
  const exit = once(child, 'exit')
  return { child, exit, log: () => log.join(''), lines: createInterface(child.stdout)[Symbol.asyncIterator]() }
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the command', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'it says when it is ready, serves, logs JSON lines, and ends with 0 on %s',
    async (signal) => {
      const { child, exit, log, lines } = runService(['--log-level', 'info'], { PORT: '0' })
      const ready = (await lines.next()).value
      const [, url] = /^sample-service ready on (http:\/\/127\.0\.0\.1:\d+) \(embedded Postgres\)$/.exec(ready) ?? []
      expect(url, log()).toBeDefined()
      expect((await fetch(`${url}/health`)).status).toBe(200)

      child.kill(signal)
      await expect(exit).resolves.toEqual([0, null])
      const entries = log()
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
      expect(entries.some((entry) => entry.req?.url === '/health' && entry.reqId)).toBe(true)
    },
    60_000,
  )

  test('a port in use is an error that names the port, and nothing keeps running', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const { exit, log } = runService(['--port', `${port}`])
    await expect(exit).resolves.toEqual([1, null])
    expect(log()).toContain(`EADDRINUSE: address already in use 127.0.0.1:${port}`)
    taken.close()
  }, 60_000)

  test.each([
    [['--port', 'http'], 'http is not a port (0 to 65535).'],
    [['--port', '65536'], '65536 is not a port (0 to 65535).'],
    [['--colour'], "Unknown option '--colour'"],
  ])('%j is a usage error', async (args, message) => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    await expect(main(args, {})).resolves.toBe(2)
    expect(written.mock.calls.join('')).toContain(message)
  })

  test('a Postgres that is not there is an error', async () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    await expect(main(['--port', '0'], { POSTGRES_DSN: 'postgres://127.0.0.1:1/none' })).resolves.toBe(1)
    expect(written.mock.calls.join('')).toContain('could not start: connect ECONNREFUSED 127.0.0.1:1')
  })

  test('--help shows the options', async () => {
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    await expect(main(['--help'], {})).resolves.toBe(0)
    expect(written.mock.calls.join('')).toContain('--postgres URL')
  })
})

describe('the nine requests', () => {
  test('a fresh service answers each as documented', async () => {
    await using server = await startServer({ port: 0, logLevel: 'silent' })
    const driven = await driveNineRequests(server.url)
    expect(driven.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'GET 200',
      'GET 200',
      'POST 201',
      'POST 201',
      'GET 200',
      'GET 200',
      'DELETE 204',
      'GET 404',
      'POST 422',
    ])
    const [, , , , read, , removed] = driven
    expect(removed?.path).toBe(read?.path)
  }, 60_000)
})
