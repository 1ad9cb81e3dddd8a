/**
 * Segment: teams whose services call others
 * Goal: replays with nothing running beside the service
 * Value: APIs behind TLS, for clients that know a proxy
 * Impact: a suite that runs in seconds, anywhere
 */
import { execFile, spawnSync } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { mkdtemp, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { createLocalCa, proxyVariables, startProxy, trustVariables, writeTrustFiles } from '@keploy-framework/intercept'
import type { ConnectionHandler, ProxyOptions } from '@keploy-framework/intercept'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { startApi, type ApiServer } from './api-server.ts'
import { answerAll, recordAll } from './recording.ts'

// The compiler of Java is slow on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const run = promisify(execFile)
const clients = join(import.meta.dirname, 'clients')
const python = process.env['KEPLOY_TEST_PYTHON'] ?? 'python3'

const works = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { timeout: 60_000 }).status === 0
/** A name of this machine that leads to loopback and is not `localhost`, for which no client uses a proxy. */
const [NAME = 'none', ADDRESS = '::1'] = await loopbackName(['ip6-localhost', hostname()])
const named = NAME !== 'none'
const required = process.env['KEPLOY_REQUIRE_SERVICES'] === 'all'

async function loopbackName(names: readonly string[]): Promise<[string, string] | []> {
  for (const name of names) {
    const address = (await lookup(name).catch(() => undefined))?.address ?? ''
    if (address === '::1' || address.startsWith('127.')) return [name, address]
  }
  return []
}

interface Client {
  readonly name: string
  readonly command: readonly string[]
  readonly available: boolean
  /** Speaks HTTP/2 where it is offered. */
  readonly h2?: boolean
}

const node = (file: string): readonly string[] => [process.execPath, join(clients, file)]
const list: readonly Client[] = [
  { name: 'curl', command: ['curl', '-sS', '--http1.1', '-w', '\n'], available: works('curl', '--version') },
  { name: 'curl with HTTP/2', command: ['curl', '-sS', '-w', '\n'], available: works('curl', '--version'), h2: true },
  { name: 'fetch of Node', command: node('fetch.mjs'), available: true },
  { name: 'https of Node', command: node('https.mjs'), available: true },
  { name: 'undici', command: node('undici.mjs'), available: true, h2: true },
  { name: 'urllib of Python', command: [python, join(clients, 'client.py'), 'urllib'], available: works(python, '-V') },
  ...['requests', 'httpx', 'httpx2'].map((kind) => ({
    name: kind,
    command: [python, join(clients, 'client.py'), kind],
    available: works(python, '-c', `import ${kind === 'httpx2' ? 'httpx, h2' : kind}`),
    h2: kind === 'httpx2',
  })),
  { name: 'net/http of Go', command: ['GO'], available: works('go', 'version'), h2: true },
  {
    name: 'HttpClient of Java',
    command: ['java', join(clients, 'Client.java')],
    available: works('java', '-version'),
    h2: true,
  },
]

let folder: string
let api: ApiServer
const upstreamCa = createLocalCa()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keploy-proxy-'))
  api = await startApi(upstreamCa.certificateFor(NAME), ADDRESS)
  if (works('go', 'version')) {
    await run('go', ['build', '-o', join(folder, 'go-client'), join(clients, 'client.go')], {
      env: { ...process.env, GO111MODULE: 'off', GOFLAGS: '' },
    })
  }
}, 120_000)

afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function call(
  client: Client,
  handler: ConnectionHandler,
  urls: readonly string[],
  options: Partial<ProxyOptions> = {},
) {
  const ca = createLocalCa()
  const own = await mkdtemp(join(folder, 'run-'))
  const files = await writeTrustFiles({ cert: ca.cert, folder: own, env: process.env })
  const problems: string[] = []
  await using proxy = await startProxy({
    handler,
    certificateFor: ca.certificateFor,
    onProblem: (route, problem) => problems.push(`${route.dependency}: ${problem}`),
    trusted: upstreamCa.cert,
    ...options,
  })
  const proxied = { ...process.env, ...proxyVariables(proxy.address, {}) }
  const env = { ...proxied, ...trustVariables(files, proxied) }
  const [command = '', ...args] = client.command.map((part) => (part === 'GO' ? join(folder, 'go-client') : part))
  const { stdout } = await run(command, [...args, ...urls], { env, timeout: 110_000 })
  return { lines: stdout.trim().split('\n'), problems, passed: proxy.passedThrough }
}

describe.each(list)('$name', (client) => {
  test.runIf((client.available && named) || required)('is recorded: in plain text, from the real server', async () => {
    const { handler, seen } = recordAll()
    const before = api.requests.length
    const urls = [`https://${NAME}:${api.secure}/a`, `https://${NAME}:${api.secure}/b`, `http://${NAME}:${api.plain}/c`]
    const { lines, problems } = await call(client, handler, urls)
    expect(lines).toEqual(['real /a', 'real /b', 'real /c'])
    expect(problems).toEqual([])
    expect(api.requests.slice(before)).toEqual([
      `GET /a ${client.h2 === true ? '2.0' : '1.1'}`,
      `GET /b ${client.h2 === true ? '2.0' : '1.1'}`,
      'GET /c 1.1',
    ])
    const names = [...new Set(seen.map(({ route }) => route.dependency))]
    expect(names).toEqual([`https ${NAME}:${api.secure}`, `http ${NAME}:${api.plain}`])
    const plain = seen.findLast(({ route }) => route.dependency.startsWith('http '))
    expect(plain?.client).toMatch(/^GET \/c HTTP\/1\.1\r\n/)
    const secure = seen.filter(({ route }) => route.dependency.startsWith('https '))
    for (const { client: bytes, server, route } of secure) {
      expect(route.tls.alpn?.[0] ?? 'http/1.1').toBe(client.h2 === true ? 'h2' : 'http/1.1')
      expect(bytes).toMatch(client.h2 === true ? /^PRI \* HTTP\/2\.0\r\n/ : /^GET \/[ab] HTTP\/1\.1\r\n/)
      expect(server).toContain('real /')
    }
  })

  test.runIf(client.available || required)('is answered in a replay, by names that do not resolve', async () => {
    const { handler, routes } = answerAll()
    const { lines } = await call(client, handler, ['https://api.shop.invalid/a', 'http://api.shop.invalid/b'])
    expect(lines).toEqual(['mocked /a', 'mocked /b'])
    expect(routes.map(({ dependency }) => dependency)).toEqual(['https api.shop.invalid', 'http api.shop.invalid'])
  })
})
