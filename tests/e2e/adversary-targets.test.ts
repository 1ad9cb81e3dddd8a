/**
 * @marker adversarial
 *
 * Segment: teams that record what their service does
 * Goal: a recording that can be relied on
 * Value: recordings of HTTPS and of sockets
 * Impact: no exchange is lost that a client saw
 */
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import { createServer as createTlsServer, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

import { expect, test } from 'vitest'

import { createLocalCertificate } from '../../packages/intercept/src/index.ts'
import { freePort } from './support/free-port.ts'
import { runCli, startCli } from './support/run-cli.ts'
import type { RunningCli } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'

const answer: RequestListener = (incoming, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ path: incoming.url }))
}

function stopping(server: Server): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function listening(server: Server, at: { path: string } | { host: string; port: number }): Promise<void> {
  await new Promise<void>((resolve) => server.listen(at, resolve))
}

async function finished(recorder: RunningCli, expected = 0): Promise<string> {
  recorder.child.kill('SIGINT')
  const { code, stdout } = await recorder.done
  expect(code).toBe(expected)
  return stdout
}

test('an HTTPS service is recorded, clients talking HTTPS too, and replayed', async () => {
  await using dir = await tempDir()
  const { cert, key } = createLocalCertificate()
  await writeFile(join(dir.path, 'ca.pem'), cert)
  const server = createTlsServer({ cert, key }, answer)
  await using _ = stopping(server)
  await listening(server, { host: '127.0.0.1', port: 0 })
  const target = `https://localhost:${(server.address() as AddressInfo).port}`
  const context = { cwd: dir.path, env: { NODE_EXTRA_CA_CERTS: 'ca.pem' } }
  const port = await freePort()
  await using recorder = startCli(['record', '--target', target, '--listen', String(port), '--tls'], context)
  await recorder.waitFor('Clients have to trust')
  const name = (await readdir(join(dir.path, 'keploy/.journal'))).find((file) => file.endsWith('.pem'))
  const ca = await readFile(join(dir.path, 'keploy/.journal', name ?? ''), 'utf8')
  const body = await new Promise<string>((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/secure', ca, agent: false }, (response) => resolve(text(response)))
      .on('error', reject)
      .end()
  })
  expect(body).toBe('{"path":"/secure"}')
  expect(await finished(recorder)).toContain('tests/get-secure-1.yaml')
  expect((await readdir(join(dir.path, 'keploy'))).sort()).toEqual(['.gitignore', 'test-set-0'])
  expect((await runCli(['test', '--url', target], context)).code).toBe(0)
})

test('a service on a Unix socket is recorded', async () => {
  await using dir = await tempDir()
  const server = createServer(answer)
  await using _ = stopping(server)
  await listening(server, { path: join(dir.path, 'service.sock') })
  const port = await freePort()
  await using recorder = startCli(['record', '--target', 'unix:service.sock', '--listen', String(port)], {
    cwd: dir.path,
  })
  await recorder.waitFor('Recording')
  expect(await (await fetch(`http://127.0.0.1:${port}/socket`)).json()).toEqual({ path: '/socket' })
  expect(await finished(recorder)).toContain('tests/get-socket-1.yaml')
})

test('a service that can not be reached is told while it happens, with the reason', async () => {
  await using dir = await tempDir()
  const [port, nobody] = [await freePort(), await freePort()]
  await using recorder = startCli(['record', '--port', String(nobody), '--listen', String(port)], { cwd: dir.path })
  await recorder.waitFor('Recording')
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed')
  await recorder.waitFor('warning: could not connect to the service: ECONNREFUSED\n')
  expect(await finished(recorder, 4)).toMatch(/did not reach the service.*ECONNREFUSED/)
})

test('a target beside a port or a command is refused, and so is one that is no address', async () => {
  await using dir = await tempDir()
  const tries = [
    ['--target', 'http://127.0.0.1:1', '--port', '2'],
    ['--target', 'http://127.0.0.1:1', '--', 'true'],
    ['--target', 'ftp://127.0.0.1:1'],
  ]
  for (const words of tries) expect((await runCli(['record', ...words], { cwd: dir.path })).code).toBe(2)
  expect(await readdir(dir.path)).toEqual([])
})
