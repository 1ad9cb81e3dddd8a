/**
 * Segment: teams that record what their service does
 * Goal: a recording that can be relied on
 * Value: recordings without secrets, from traffic of any kind
 * Impact: no exchange is lost that a client saw
 */
import { execFileSync } from 'node:child_process'
import { mkdir, readFile, readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, test } from 'vitest'

import { freePort } from './support/free-port.ts'
import { runCli, startCli } from './support/run-cli.ts'
import type { RunningCli } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'

const service = fileURLToPath(new URL('fixtures/things-service.mjs', import.meta.url))

async function record(cwd: string, args: string[] = []): Promise<{ recorder: RunningCli; url: string; port: number }> {
  const port = await freePort()
  const recorder = startCli(['record', '--port', String(port), ...args, '--', process.execPath, service], { cwd })
  await recorder.waitFor('Recording')
  return { recorder, url: `http://127.0.0.1:${port}`, port }
}

const create = (url: string, body: object = { a: 1 }) =>
  fetch(`${url}/things`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

/** Everything below a folder, as one text. */
async function allText(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))).join('\n')
}

test('health checks, assets and preflights are left out and counted, unless they are asked for', async () => {
  await using dir = await tempDir()
  const { recorder, url } = await record(dir.path)
  await using _ = recorder
  for (const path of ['/health', '/style.css', '/things']) await (await fetch(url + path)).text()
  await (
    await fetch(`${url}/things`, { method: 'OPTIONS', headers: { 'access-control-request-method': 'GET' } })
  ).text()
  recorder.child.kill('SIGTERM')
  const { code, stdout } = await recorder.done
  expect(stdout).toContain('1 test saved')
  expect(stdout).toMatch(/1 health checks[^]*1 static assets[^]*1 preflights|1 static assets|1 preflights/)
  expect(code).toBe(0)
})

test('secrets are in no file, and a replay fills those that the service makes by itself', async () => {
  await using dir = await tempDir()
  const { recorder, url } = await record(dir.path)
  await using _ = recorder
  const login = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"user":"ann"}',
  })
  const { access_token: token } = (await login.json()) as { access_token: string }
  const headers = { authorization: `Bearer ${token}`, cookie: 'session=s3cr3t-cookie-value' }
  await (
    await fetch(`${url}/things?api_key=q-s3cr3t-1234`, { headers: { authorization: headers.authorization } })
  ).text()
  recorder.child.kill('SIGINT')
  expect((await recorder.done).code).toBe(0)
  const text = (await allText(dir.path)) + recorder.stdout() + recorder.stderr()
  for (const secret of [token, 'q-s3cr3t-1234']) expect(text).not.toContain(secret)
  expect(text).toContain('Bearer {{secret.')

  const port = await freePort()
  const command = ['--', process.execPath, service, String(port)]
  const blocked = await runCli(['test', '--port', String(port), '--reporter', 'json', ...command], { cwd: dir.path })
  expect(JSON.parse(blocked.stdout).summary).toMatchObject({ passed: 1, blocked: 1 })
  expect(blocked.stdout).toContain('KEPLOY_SECRET_2')
  expect(blocked.code).toBe(1)
  const filled = await runCli(['test', '--port', String(port), '--reporter', 'json', ...command], {
    cwd: dir.path,
    env: { KEPLOY_SECRET_2: 'another-key' },
  })
  expect(JSON.parse(filled.stdout).summary).toMatchObject({ passed: 2, blocked: 0 })
  expect(filled.stdout).not.toContain('another-key')
})

test('--no-redact says loudly what it does', async () => {
  await using dir = await tempDir()
  const { recorder, url } = await record(dir.path, ['--no-redact'])
  await using _ = recorder
  await (await fetch(`${url}/things`, { headers: { authorization: 'Bearer plain-text-token' } })).text()
  recorder.child.kill('SIGINT')
  expect((await recorder.done).stdout).toContain('REDACTION IS OFF')
  expect(await allText(dir.path)).toContain('plain-text-token')
})

test('a killed recorder loses nothing that a client has seen: record --recover writes it', async () => {
  await using dir = await tempDir()
  const { recorder, url } = await record(dir.path)
  await using _ = recorder
  for (let i = 0; i < 5; i++) expect((await create(url, { i })).status).toBe(201)
  recorder.child.kill('SIGKILL')
  await recorder.done
  const { code, stdout } = await runCli(['record', '--recover'], { cwd: dir.path })
  expect(stdout).toContain('5 tests saved')
  expect(code).toBe(0)
  expect((await runCli(['record', '--recover'], { cwd: dir.path })).code).toBe(4)
})

test('malformed HTTP goes through untouched, is counted, and does not end the recording', async () => {
  await using dir = await tempDir()
  const { recorder, url, port } = await record(dir.path)
  await using _ = recorder
  const bad = [
    'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n',
    `GET / HTTP/1.1\r\n${'X-Flood: yes\r\n'.repeat(20_000)}\r\n`,
    '\u0016\u0003\u0001\u0002\u0000garbage',
  ]
  for (const text of bad) expect(await sendRaw(port, text)).toMatch(/^(HTTP\/1\.1 4\d\d|HTTP\/1\.1 404|$)/)
  expect((await create(url)).status).toBe(201)
  recorder.child.kill('SIGINT')
  const { code, stdout } = await recorder.done
  expect(stdout).toContain('post-things-1.yaml')
  expect(stdout).toMatch(/could not be read as HTTP/)
  expect(code).toBe(0)
})

test('5,000 idle connections do not keep a recording from working', async () => {
  await using dir = await tempDir()
  const { recorder, url, port } = await record(dir.path)
  await using _ = recorder
  const sockets: Socket[] = []
  try {
    for (let batch = 0; batch < 50; batch++) {
      sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => open(port)))))
    }
    expect((await create(url)).status).toBe(201)
  } finally {
    for (const socket of sockets) socket.destroy()
  }
  recorder.child.kill('SIGINT')
  expect((await recorder.done).stdout).toContain('1 test saved')
})

test('a full disk stops the recording, not the traffic, and what was written stays', async (context) => {
  await using dir = await tempDir()
  const folder = join(dir.path, 'keploy')
  await mkdir(folder)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder], { stdio: 'pipe' })
  } catch {
    if (process.env['KEPLOY_REQUIRE_SERVICES'] === 'all') throw new Error('A small tmpfs is needed; run as root.')
    context.skip('needs root to mount a small tmpfs; run the tests as root, for example in a container')
  }
  try {
    const { recorder, url } = await record(dir.path)
    await using _ = recorder
    for (let i = 0; i < 40; i++) expect((await create(url, { text: 'x'.repeat(20_000), i })).status).toBe(201)
    recorder.child.kill('SIGINT')
    const { code, stderr } = await recorder.done
    expect(stderr).toMatch(/disk is full|ENOSPC|no space/i)
    expect(code).not.toBe(0)
  } finally {
    execFileSync('umount', [folder])
  }
})

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket))
    socket.once('error', reject)
  })
}

/** Sends bytes and returns what came back before the other side closed. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.end(text, 'latin1'))
    socket.setEncoding('latin1').on('data', (chunk) => (answer += chunk))
    socket.on('error', () => resolve(answer))
    socket.on('close', () => resolve(answer))
  })
}
