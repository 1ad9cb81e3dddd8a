import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { readTestSet, type TestCase } from '@keploy-framework/format'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { listJournals } from './journal/journal-files.ts'
import { openJournal } from './journal/open-journal.ts'
import { readJournal } from './journal/read-journal.ts'
import { recordTests } from './record-tests.ts'
import { RecordingSession, type ExchangeNotice, type RecordingOptions } from './recording-session.ts'
import { recover } from './recover.ts'

let directory: string
let service: Server
let target: string
let held: ServerResponse[]

const token = 'tok_9f8e7d6c5b4a'

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const path = request.url ?? ''
  if (path === '/hang') {
    held.push(response)
    return
  }
  if (path === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(`data: first\n\ndata: {"token":"${token}"}\n\n`)
    held.push(response)
    return
  }
  if (path === '/echo') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end(body)
    return
  }
  if (path === '/login') {
    response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'sid=abc123def456; Path=/' })
    response.end(JSON.stringify({ token }))
    return
  }
  response.writeHead(path === '/missing' ? 404 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ path, auth: request.headers.authorization ?? null }))
}

const listener: RequestListener = (request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (piece: string) => (body += piece))
  request.on('end', () => answer(request, response, body))
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'session-'))
  held = []
  service = createServer(listener)
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  target = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
})
afterEach(async () => {
  service.closeAllConnections()
  service.close()
  await once(service, 'close')
  await rm(directory, { recursive: true, force: true })
})

const start = (options: Partial<RecordingOptions> = {}) =>
  RecordingSession.start({ target, directory, graceMs: 50, ...options })

async function call(session: RecordingSession, path: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(session.url + path, init)
  return response.text()
}

async function tests(set: string): Promise<readonly TestCase[]> {
  return (await readTestSet(join(directory, set))).set.tests
}

/** Everything that lies in the folder of sets, as one text. */
async function everything(): Promise<string> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'secret.yaml')
  return (await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')))).join('\n')
}

describe('a recording', () => {
  it('becomes a set, with no secret in it and the journal gone', async () => {
    const seen: ExchangeNotice[] = []
    const session = await start({ onExchange: (notice) => seen.push(notice) })
    await call(session, '/health')
    await call(session, '/login', { method: 'POST', body: '{"user":"ann","password":"hunter2!"}' })
    await call(session, '/me?api_key=zzz999', { headers: { authorization: `Bearer ${token}` } })
    await call(session, '/missing')
    expect(session.redactor.text(`service saw ${token}`, 'output')).toBe('service saw {{secret.3}}')
    expect(await everything()).not.toMatch(/hunter2!|tok_9f8e7d6c5b4a|abc123def456|zzz999/)
    expect(session.stats).toMatchObject({
      exchanges: 4,
      tests: 3,
      skipped: { health: 1 },
      open: 0,
      gaps: 0,
      secrets: 4,
    })
    const summary = await session.finish()
    expect(summary).toMatchObject({
      set: 'test-set-0',
      directory: join(directory, 'test-set-0'),
      tests: 3,
      skipped: { health: 1 },
      gaps: 0,
      secrets: 4,
      open: 0,
      warnings: [],
    })
    expect(summary.files).toEqual([
      'tests/post-login-1.yaml',
      'tests/get-me-1.yaml',
      'tests/get-missing-1.yaml',
      'framework.yaml',
    ])
    expect(await session.finish()).toBe(summary)
    expect(await everything()).not.toMatch(/hunter2!|tok_9f8e7d6c5b4a|abc123def456|zzz999/)
    expect((await readdir(directory)).sort()).toEqual(['.gitignore', 'test-set-0'])
    const { set } = await readTestSet(join(directory, 'test-set-0'))
    expect(set.secrets.map(({ number, kind, firstSeen }) => [number, kind, firstSeen])).toEqual([
      [1, 'password field', 'request of post-login-1, body'],
      [2, 'cookie', 'response of post-login-1, header set-cookie'],
      [3, 'token field', 'response of post-login-1, body'],
      [4, 'api_key field', 'request of get-me-1, target'],
    ])
    expect(set.tests[1]?.request.headers).toContainEqual(['authorization', 'Bearer {{secret.3}}'])
    expect(seen.map(({ method, path, status, skipped }) => [method, path, status, skipped])).toEqual([
      ['GET', '/health', 200, 'health'],
      ['POST', '/login', 200, undefined],
      ['GET', '/me', 200, undefined],
      ['GET', '/missing', 404, undefined],
    ])
  })

  it('finds secrets in what was recorded before they were known for secrets', async () => {
    const session = await start()
    await call(session, '/echo', { method: 'POST', body: `my key is ${token}` })
    await call(session, '/login')
    await session.finish()
    expect(await everything()).not.toContain(token)
  })

  it('numbers its sets, and takes the name that it is given', async () => {
    for (const testSet of [undefined, 'smoke', undefined]) {
      await using session = await start(testSet === undefined ? {} : { testSet })
      await call(session, '/a')
    }
    expect((await readdir(directory)).sort()).toEqual(['.gitignore', 'smoke', 'test-set-0', 'test-set-1'])
  })

  it('refuses a set that exists, adds to it, or replaces it', async () => {
    const run = async (existing: 'refuse' | 'append' | 'replace', path: string, password: string) => {
      const session = await start({ testSet: 'smoke', existing, saveSecrets: true })
      await call(session, path, { method: 'POST', body: JSON.stringify({ password }) })
      return session.finish()
    }
    await run('refuse', '/a', 'first-1')
    await expect(run('refuse', '/a', 'x')).rejects.toMatchObject({ code: 'KEPLOY_RECORD_EXISTS' })
    await run('append', '/a', 'second-2')
    expect((await tests('smoke')).map(({ name, request }) => [name, request.body])).toEqual([
      ['post-a-1', { type: 'text', text: '{"password":"{{secret.1}}"}' }],
      ['post-a-2', { type: 'text', text: '{"password":"{{secret.2}}"}' }],
    ])
    const file = join(directory, 'smoke', 'secret.yaml')
    expect(await readFile(file, 'utf8')).toMatch(/^# .*\n"1": "first-1"\n"2": "second-2"\n$/)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const replaced = await run('replace', '/b', 'third-3')
    expect(replaced.warnings[0]).toContain('secret.yaml')
    expect((await tests('smoke')).map(({ name }) => name)).toEqual(['post-b-1'])
    expect(await readdir(directory)).not.toContain('.journal')
  })

  it('writes nothing when nothing became a test, and says so', async () => {
    const session = await start({ path: ['/api'] })
    await call(session, '/other')
    const summary = await session.finish()
    expect(summary).toMatchObject({ set: '', tests: 0, files: [], skipped: { path: 1 } })
    expect(summary.warnings).toHaveLength(1)
    expect(await readdir(directory)).toEqual([])
  })

  it('says loudly when redaction is off', async () => {
    const session = await start({ redact: { enabled: false } })
    await call(session, '/login')
    const summary = await session.finish()
    expect(summary.warnings[0]).toMatch(/^REDACTION IS OFF/)
    expect(await everything()).toContain(token)
  })

  it('keeps a stream that its end cut, and counts requests that were not answered', async () => {
    const session = await start()
    const events = await fetch(`${session.url}/events`)
    const reader = events.body?.getReader()
    await reader?.read()
    const hanging = call(session, '/hang').catch(() => 'cut')
    await expect.poll(() => held.length).toBe(2)
    expect(session.stats.open).toBe(2)
    const summary = await session.finish()
    await reader?.cancel().catch(() => {})
    await hanging
    expect(summary).toMatchObject({ tests: 1, open: 2 })
    const [test] = await tests(summary.set)
    expect(test?.response.body).toMatchObject({
      type: 'stream',
      kind: 'sse',
      items: [{ data: { data: 'first' } }, { data: { data: '{"token":"{{secret.1}}"}' } }],
    })
  })

  it('ends by number of tests and by time, and lets traffic flow on', async () => {
    const few = await start({ maxTests: 2 })
    for (const path of ['/a', '/b', '/c']) expect(await call(few, path)).toContain(path)
    expect(await few.ended).toBe('max-tests')
    expect(await few.finish()).toMatchObject({ tests: 2 })
    const short = await start({ durationMs: 1 })
    expect(await short.ended).toBe('duration')
    expect(await call(short, '/late')).toContain('/late')
    expect(await short.finish()).toMatchObject({ tests: 0 })
  })

  it('keeps a WebSocket conversation beside the test', async () => {
    service.on('upgrade', (request, socket) => {
      const key = createHash('sha1').update(
        `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
      )
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`)
      socket.write(`Sec-WebSocket-Accept: ${key.digest('base64')}\r\n\r\n`)
      socket.write(Buffer.concat([Buffer.from([0x81, 7]), Buffer.from('welcome')]))
      socket.on('data', () => socket.end())
      socket.on('error', () => {})
    })
    const session = await start()
    const client = new WebSocket(session.url.replace('http', 'ws'))
    const [message] = (await once(client, 'message')) as [MessageEvent]
    expect(message.data).toBe('welcome')
    const over = once(client, 'close')
    client.send('{"password":"hunter2!"}')
    await over
    const { set, tests: count } = await session.finish()
    expect(count).toBe(1)
    const [test] = await tests(set)
    expect(test?.response.status).toBe(101)
    expect(test?.stream?.items.map(({ from, data }) => [from, data])).toEqual([
      ['server', { type: 'text', text: 'welcome' }],
      ['client', { type: 'text', text: '{"password":"{{secret.1}}"}' }],
    ])
    expect(await everything()).not.toContain('hunter2!')
  })

  it('clears what recorders left that were killed while they wrote, but no set that was being replaced', async () => {
    const gone = spawnSync(process.execPath, ['-e', '0']).pid
    for (const name of [`set-${gone}-aa/new`, `set-${gone}-bb/old/tests`, `set-${process.ppid}-cc/new`]) {
      await mkdir(join(directory, '.journal', name), { recursive: true })
    }
    const session = await start()
    await call(session, '/a')
    await session.finish()
    expect((await readdir(join(directory, '.journal'))).sort()).toEqual(
      [`set-${gone}-bb`, `set-${process.ppid}-cc`].sort(),
    )
  })

  it('tells about traffic that is not HTTP', async () => {
    const session = await start()
    const { port } = new URL(session.url)
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('this is no request line at all\r\n\r\n')
    await expect.poll(() => session.stats.gaps).toBeGreaterThan(0)
    socket.destroy()
    const summary = await session.finish()
    expect(summary.gaps).toBeGreaterThan(0)
    expect(summary.warnings.join()).toContain('Why: the request line is not HTTP/1.x.')
  })

  it('refuses what it cannot work with before anything is on disk', async () => {
    await expect(start({ target: 'localhost:8000' })).rejects.toMatchObject({ code: 'KEPLOY_RECORD_TARGET' })
    await expect(start({ filters: [{ path: '(' }] })).rejects.toMatchObject({ code: 'KEPLOY_RECORD_FILTER' })
    for (const testSet of ['../x', 'a/b', 'tests', 'reports', '.hidden', 'con']) {
      await expect(start({ testSet })).rejects.toMatchObject({ code: 'KEPLOY_FORMAT_SET_NAME' })
    }
    const taken = (service.address() as AddressInfo).port
    await expect(start({ listen: { port: taken } })).rejects.toMatchObject({ code: 'KEPLOY_TAP_PORT_IN_USE' })
    expect(await readdir(directory)).toEqual([])
  })

  it('keeps the journal when the set cannot be written', async () => {
    const session = await start({ testSet: 'later' })
    await call(session, '/a')
    await writeFile(join(directory, 'later'), 'in the way')
    await expect(session.finish()).rejects.toMatchObject({ code: 'KEPLOY_RECORD_WRITE' })
    await rm(join(directory, 'later'))
    expect(await recover(session.journalFile)).toMatchObject({ set: 'later', tests: 1 })
  })
})

describe('recordTests', () => {
  it('records what its body does', async () => {
    const summary = await recordTests({ apiUrl: target }, async (session) => void (await call(session, '/a')), {
      directory,
    })
    expect(summary).toMatchObject({ set: 'test-set-0', tests: 1 })
  })

  it('writes no set when its body fails, and keeps the journal', async () => {
    const failing = recordTests(
      { apiUrl: target },
      async (session) => {
        await call(session, '/a')
        throw new Error('no')
      },
      { directory },
    )
    await expect(failing).rejects.toThrow('no')
    expect(await readdir(directory)).toEqual(['.journal'])
    const [journal] = await listJournals(directory)
    expect(journal).toMatchObject({ inUse: false, target })
    expect(await recover(journal?.file ?? '', { testSet: 'saved' })).toMatchObject({ set: 'saved', tests: 1 })
  })
})

describe('recovering', () => {
  it('waits for nobody: a living recording is left alone, an aborted one is not finished', async () => {
    const session = await start()
    await call(session, '/a')
    expect(await listJournals(directory)).toMatchObject([{ inUse: true }])
    await expect(recover(session.journalFile)).rejects.toMatchObject({ code: 'KEPLOY_JOURNAL_IN_USE' })
    await session.abort()
    await session.abort()
    await session[Symbol.asyncDispose]()
    await expect(session.finish()).rejects.toMatchObject({ code: 'KEPLOY_RECORD_ABORTED' })
    expect(await recover(session.journalFile, { keepJournal: true })).toMatchObject({ tests: 1 })
    expect(await recover(session.journalFile)).toMatchObject({ set: 'test-set-1', tests: 1 })
    expect(await listJournals(directory)).toEqual([])
  })

  it('takes another name when the one of the recording is taken', async () => {
    const session = await start({ testSet: 'smoke' })
    await call(session, '/a')
    await session.abort()
    await recover(session.journalFile, { keepJournal: true })
    expect(await recover(session.journalFile, { keepJournal: true })).toMatchObject({ set: 'test-set-0' })
    await expect(recover(session.journalFile, { testSet: 'smoke' })).rejects.toMatchObject({
      code: 'KEPLOY_RECORD_EXISTS',
    })
    expect(await recover(session.journalFile, { testSet: 'smoke', existing: 'append' })).toMatchObject({ tests: 1 })
    expect((await tests('smoke')).map(({ name }) => name)).toEqual(['get-a-1', 'get-a-2'])
  })

  it('keeps the secrets of a recorder that is gone apart, and tells about damage', async () => {
    const session = await start()
    await call(session, '/login')
    await call(session, '/a')
    await call(session, '/b')
    await session.abort()
    const bytes = await readFile(session.journalFile)
    const places: number[] = []
    for await (const { record, offset } of readJournal(session.journalFile))
      if (record.type === 'exchange') places.push(offset)
    bytes[(places[1] ?? 0) + 30] = 0
    await writeFile(session.journalFile, bytes.subarray(0, bytes.length - 3))
    const summary = await recover(session.journalFile)
    expect(summary).toMatchObject({ tests: 2, secrets: 2 })
    expect(summary.warnings.join('\n')).toMatch(/no whole record[\s\S]*damaged in 1 places/)
    const { set } = await readTestSet(summary.directory)
    expect(set.secrets.map(({ kind }) => kind)).toEqual(['cookie', 'token field'])
  })

  it('lists journals that say nothing about themselves', async () => {
    const file = join(directory, '.journal', 'a.journal')
    openJournal(file).close()
    await writeFile(join(directory, '.journal', 'b.journal'), 'rubbish that is longer than the header of a journal')
    expect((await listJournals(directory)).map(({ inUse }) => inUse)).toEqual([false, false])
    expect(await listJournals(join(directory, 'nowhere'))).toEqual([])
  })
})
