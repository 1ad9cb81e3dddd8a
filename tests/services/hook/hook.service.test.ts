/**
 * Segment: teams with services in Node
 * Goal: calls are seen without a change of code
 * Value: nothing of a process that stays unseen
 * Impact: attribution without guesses, also of many requests at once
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'

import { type ConnectionHandler, startHook } from '@keploy-framework/intercept'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'

import { startLocalServers } from './local-servers.ts'
import { runDriver } from './run-driver.ts'
import { type RecordedConnection, recordAll, replayAll } from './script.ts'

let local: Awaited<ReturnType<typeof startLocalServers>>
beforeAll(async () => {
  local = await startLocalServers()
})
afterAll(() => local.close())

/** Runs a program as a hooked service. */
async function run(
  handler: ConnectionHandler,
  program: string,
  options: {
    bypass?: string[]
    bypassRules?: { host: string; port: number }[]
    closeEarly?: boolean
    env?: Record<string, string>
  } = {},
) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hooked-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'service.cjs')
  writeFileSync(file, program)
  const { bypass = [], bypassRules = [] } = options
  await using hook = await startHook({ handler, bypass, bypassRules, nodeOptions: '' })
  if (options.closeEarly === true) await hook.close()
  const result = await runDriver(
    process.execPath,
    path.relative(import.meta.dirname, file),
    { ...local.env, ...options.env, COUNT_BYTES: '0' },
    hook.env,
  )
  await hook.close()
  return { ...result, hook }
}
const text = (connection: RecordedConnection | undefined, from: string): string =>
  (connection?.events ?? [])
    .flatMap((event) => (event.from === from && event.bytes !== 'end' ? [event.bytes.toString('latin1')] : []))
    .join('')

test('children and threads with an environment of their own are recorded too', async () => {
  const connections: RecordedConnection[] = []
  const call = (name: string): string =>
    `fetch('${local.env['HTTP_URL']}/${name}').then((answer) => answer.text()).then(() => process.exit())`
  const { errors } = await run(
    recordAll(connections),
    `const { spawn, spawnSync, fork } = require('node:child_process')
     const { Worker } = require('node:worker_threads')
     if (process.argv[2] === 'forked') ${call('forked')}
     else {
       spawn(process.execPath, ['-e', ${JSON.stringify(call('spawned'))}], { env: {} })
       spawnSync(process.execPath, ['-e', ${JSON.stringify(call('sync'))}], { env: {} })
       fork(__filename, ['forked'], { env: {} })
       new Worker(${JSON.stringify(`fetch('${local.env['HTTP_URL']}/worker').then((answer) => answer.text())`)}, { eval: true, env: {} })
       require('node:http').get('${local.env['HTTP_URL']}/main', (answer) => answer.resume())
     }`,
  )
  expect(errors).toBe('')
  expect(new Set(connections.map((entry) => / \/(\w+) /.exec(text(entry, 'client'))?.[1]))).toEqual(
    new Set(['forked', 'main', 'spawned', 'sync', 'worker']),
  )
  expect(connections).toHaveLength(5)
})

test('an address that is to be bypassed is reached for real in a replay, by its name too', async () => {
  const server = net.createServer((socket) => socket.end('real')).listen(0)
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as net.AddressInfo
  const program = `const socket = require('node:net').connect(${port}, ${JSON.stringify(os.hostname())})
    socket.on('data', (chunk) => console.log(chunk.toString())).on('error', (error) => console.log(error.code))`
  const refused: ConnectionHandler = {
    mode: 'replay',
    serve: (_route, client) => {
      queueMicrotask(() => client.close('reset'))
      return { push: () => undefined, end: () => undefined, close: () => undefined }
    },
  }
  const rule = { host: `^${os.hostname().toUpperCase()}$`, port }
  const { output } = await run(refused, program, { bypassRules: [rule] })
  expect(output).toContain('real')
  const { output: other } = await run(refused, program, { bypassRules: [{ ...rule, port: 1 }] })
  expect(other).toContain('ECONNRESET')
})

test('a service that calls itself or its child is left alone, and so is what is to be bypassed', async () => {
  const connections: RecordedConnection[] = []
  const { output } = await run(
    recordAll(connections),
    `const http = require('node:http')
     const serve = (done) => { const server = http.createServer((q, r) => r.end('own')).listen(0, '127.0.0.1', () => done(server.address().port)) }
     if (process.argv[2]) serve((port) => process.send(port))
     else serve(async (port) => {
       const child = require('node:child_process').fork(__filename, ['child'])
       const other = await new Promise((resolve) => child.on('message', resolve))
       const get = (url) => new Promise((resolve) => http.get(url, { agent: false }, (answer) => answer.resume().on('end', () => resolve(answer.statusCode))))
       // Its port has been told over another way than the message.
       await get(process.env.HTTP_URL)
       console.log(await get('http://localhost:' + port), await get('http://127.0.0.1:' + other), await get(process.env.H1_AGAIN))
       process.exit(child.kill() ? 0 : 1)
     })`,
    { env: { H1_AGAIN: local.env['HTTP_URL'] ?? '' } },
  )
  expect(output).toBe('200 200 200\n')
  expect(connections.map((entry) => entry.route.dependency)).toEqual(
    Array(2).fill(new URL(local.env['HTTP_URL'] ?? '').host),
  )
  connections.length = 0
  await run(recordAll(connections), `fetch(process.env.HTTP_URL)`, { bypass: ['127.0.0.*:*'] })
  expect(connections).toEqual([])
})

test('what was exchanged right before a service exits is recorded', async () => {
  const connections: RecordedConnection[] = []
  await run(
    recordAll(connections),
    `require('node:http').get(process.env.HTTP_URL + '/last', (r) => r.on('data', () => {}).on('end', () => process.exit(0)))`,
  )
  expect(text(connections[0], 'client')).toMatch(/^GET \/last /)
  expect(text(connections[0], 'server')).toMatch(/answer to \/last$/)
  expect(connections[0]?.route).toMatchObject({ via: 'hook', protocol: 'auto', tls: { mode: 'off' } })
})

test('a service goes on unhooked when we are gone', async () => {
  const connections: RecordedConnection[] = []
  const { output, errors } = await run(
    recordAll(connections),
    `fetch(process.env.HTTP_URL).then((r) => console.log(r.status))`,
    { closeEarly: true },
  )
  expect([output, errors]).toEqual(['200\n', ''])
  expect(connections).toEqual([])
})

test('TLS is seen in plain text, with what the client asked for and what was agreed on', async () => {
  const connections: RecordedConnection[] = []
  await run(
    recordAll(connections),
    `const session = require('node:http2').connect(process.env.H2_TLS_URL.replace('127.0.0.1', 'localhost'), { rejectUnauthorized: false })
     session.request({ ':path': '/secret' }).resume().on('end', () => session.close())`,
  )
  expect(text(connections[0], 'client')).toMatch(/^PRI \* HTTP\/2\.0/)
  expect(text(connections[0], 'server')).toContain('answer to /secret')
  expect(connections[0]?.route.tls).toEqual({ mode: 'direct', verify: false, servername: 'localhost', alpn: ['h2'] })
  expect(connections[0]?.alpn).toBe('h2')
})

test('a replay answers names that nobody knows, and refuses as it was recorded', async () => {
  const refused: string[] = []
  const handler: ConnectionHandler = {
    mode: 'replay',
    serve(route, client) {
      if (route.dependency !== 'db.keploy.invalid:7000') {
        refused.push(route.dependency)
        client.refuse?.(route.dependency.startsWith('gone') ? 'ENOTFOUND' : 'ECONNREFUSED')
      }
      return { push: (chunk) => client.send(chunk), end: () => client.close('end'), close() {} }
    },
  }
  const { output } = await run(
    handler,
    `const net = require('node:net'), dns = require('node:dns')
     const open = (host, port) => new Promise((resolve) => {
       const socket = net.connect({ host, port }).on('error', (error) => resolve(error.message))
       let inside = true
       socket.on('data', (chunk) => { if (inside) throw new Error('answered within a write'); resolve(String(chunk)); socket.end() })
       socket.write('echo'); inside = false
     })
     dns.promises.lookup('db.keploy.invalid').then(async ({ address }) => {
       console.log(await open('db.keploy.invalid', 7000), await open(address, 7000))
       console.log(await open('127.0.0.1', 6), '|', await open('gone.invalid', 80))
     })`,
  )
  expect(output).toBe('echo echo\nconnect ECONNREFUSED 127.0.0.1:6 | getaddrinfo ENOTFOUND gone.invalid\n')
  expect(refused).toEqual(['127.0.0.1:6', 'gone.invalid:80'])
})

test('a large answer waits for a service that reads slowly', async () => {
  const handler: ConnectionHandler = {
    mode: 'replay',
    serve: (_route, client) => ({
      push() {
        for (let n = 0; n < 64; n++) client.send(Buffer.alloc(65_536, n))
        client.close('end')
      },
      end() {},
      close() {},
    }),
  }
  const { output } = await run(
    handler,
    `const socket = require('node:net').connect(7000, 'slow.invalid')
     let total = 0
     socket.write('go')
     setTimeout(async () => { for await (const chunk of socket) { total += chunk.length; await null } console.log(total, socket.bytesRead) }, 50)`,
  )
  expect(output).toBe('4194304 4194304\n')
})

test('nobody without the token is listened to', async () => {
  const connections: RecordedConnection[] = []
  await using hook = await startHook({ handler: recordAll(connections) })
  const { path: address } = JSON.parse(hook.env.KEPLOY_HOOK) as { path: string }
  const stranger = net.connect(address)
  stranger.write(Buffer.from([0, 0, 0, 7, 1, 0, 0, 0, 0, 123, 125]))
  await new Promise((resolve) => stranger.on('close', resolve))
  expect(hook.connected).toBe(0)
})

test('the versions of hooked processes are told', async () => {
  const { hook } = await run(replayAll([]), `console.log('quiet')`)
  expect([hook.versions, hook.problems]).toEqual([[process.version], []])
})
