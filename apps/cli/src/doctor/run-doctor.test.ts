import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'

import { RecordingSession } from '@keploy-framework/recorder'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { programOf } from './check-command.ts'
import type { Check } from './check.ts'
import { renderChecks } from './render-checks.ts'
import { runDoctor, type DoctorOptions } from './run-doctor.ts'

let cwd: string

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'keploy-doctor-'))
})

afterEach(() => rm(cwd, { recursive: true, force: true }))

const path = process.env['PATH'] ?? ''

async function doctor(options: DoctorOptions = {}, env: Record<string, string> = {}) {
  const stdout = new PassThrough()
  const chunks: Buffer[] = []
  stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const code = await runDoctor(options, {
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    env: { PATH: path, ...env },
    cwd,
  })
  return { code, output: Buffer.concat(chunks).toString() }
}

async function checks(name: string, env: Record<string, string> = {}): Promise<Check[]> {
  const { output } = await doctor({ json: true }, env)
  return (JSON.parse(output) as { checks: Check[] }).checks.filter((check) => check.name === name)
}

async function put(file: string, text: string): Promise<void> {
  await mkdir(join(cwd, file, '..'), { recursive: true })
  await writeFile(join(cwd, file), text)
}

const TEST = (name: string, header: string, body = '{}', seconds = 1) => `version: api.keploy.io/v1beta1
kind: Http
name: ${name}
spec:
    metadata: {}
    req:
        method: POST
        proto_major: 1
        proto_minor: 1
        url: http://localhost:8000/${name}
        header:
            Authorization: ${header}
        body: ""
        timestamp: 2025-10-28T14:00:0${seconds}Z
    resp:
        status_code: 200
        header: {}
        body: '${body}'
        status_message: OK
        timestamp: 2025-10-28T14:00:0${seconds}.5Z
    objects: []
    created: 1
`

describe('runDoctor', () => {
  it('is content with a folder in which nothing is wrong yet, and says what comes next', async () => {
    const { code, output } = await doctor()
    expect(code).toBe(0)
    expect(output).toContain('There is no keploy.yml; defaults are used.')
    expect(output).toContain('There are no recorded tests.')
    expect(output).toMatch(/\nReady; \d warnings\.\n$/)
  })

  it('fits 80 columns whatever it has to say', async () => {
    await put(
      'keploy.yml',
      `command: ${'very-long-command-'.repeat(12)}\nport: x\ntest: { apitimeout: 1, minPassRate: 7, delay: ${'y'.repeat(200)} }\n`,
    )
    const { code, output } = await doctor()
    expect(code).toBe(2)
    for (const line of output.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('names line and column of what is wrong in the configuration', async () => {
    await put('keploy.yml', 'command: node x.js\ntest:\n  retries: "2"\n')
    expect(await checks('config')).toMatchObject([
      {
        status: 'fail',
        message: expect.stringContaining('keploy.yml:3:12: test.retries must be a whole number'),
        fix: 'Remove the quotes: 2.',
      },
    ])
    await put('keploy.yml', 'command: node x.js\n')
    expect(await checks('config')).toEqual([{ name: 'config', status: 'ok', message: 'keploy.yml is valid.' }])
  })

  it('looks for the program of the start command', async () => {
    await put('keploy.yml', 'command: no-such-program --x\n')
    expect(await checks('command')).toMatchObject([
      { status: 'fail', message: '`no-such-program --x` cannot start: no-such-program was not found.' },
    ])
    await put('keploy.yml', 'command: PORT=1 ./run.sh\n')
    await put('run.sh', '#!/bin/sh\n')
    expect(await checks('command')).toMatchObject([{ status: 'fail' }])
    await chmod(join(cwd, 'run.sh'), 0o755)
    expect(await checks('command')).toMatchObject([{ status: 'ok' }])
    await put(
      'keploy.yml',
      'services: [{ name: a, command: node a.js, port: 1 }, { name: b, command: nothing-here }]\n',
    )
    expect(await checks('command a')).toMatchObject([{ status: 'ok' }])
    expect(await checks('command b')).toMatchObject([{ status: 'fail' }])
  })

  it('tells whether something listens on the port', async () => {
    const server = createServer()
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    await put('keploy.yml', `port: ${port}\n`)
    expect(await checks('port')).toMatchObject([{ status: 'warn', message: `Something listens on ${port}.` }])
    await new Promise((done) => server.close(done))
    expect(await checks('port')).toMatchObject([{ status: 'ok', message: `${port} is free.` }])
  })

  it('counts tests, and names file and line of one that cannot be read', async () => {
    await put('keploy/test-set-0/tests/a.yaml', TEST('a', 'none'))
    await put('keploy/test-set-1/tests/b.yaml', TEST('b', 'none'))
    expect(await checks('tests')).toEqual([
      { name: 'tests', status: 'ok', message: '2 tests in 2 sets, all readable.' },
    ])
    await put('keploy/test-set-1/tests/c.yaml', 'version: api.keploy.io/v1beta1\nkind: Http\nname: [\n')
    expect(await checks('tests')).toMatchObject([
      { status: 'fail', message: expect.stringMatching(/^test-set-1\/tests\/c\.yaml:\d+: /) },
    ])
    expect((await doctor()).code).toBe(2)
  })

  it('knows which secrets have no value, and which a recorded response brings', async () => {
    await put('keploy/test-set-0/tests/login.yaml', TEST('login', 'Basic {{secret.1}}', '{"token":"{{secret.2}}"}', 1))
    await put('keploy/test-set-0/tests/use.yaml', TEST('use', 'Bearer {{secret.2}}', '{}', 2))
    expect(await checks('secrets')).toEqual([
      {
        name: 'secrets',
        status: 'fail',
        message: 'test-set-0: 1 secret without a value, first needed by login.',
        fix: 'Set KEPLOY_SECRET_1, or write it into test-set-0/secret.yaml.',
      },
    ])
    expect(await checks('secrets', { KEPLOY_SECRET_1: 'x' })).toMatchObject([{ status: 'ok' }])
    expect(await checks('secrets', { KEPLOY_SECRET_TEST_SET_0_1: 'x' })).toMatchObject([{ status: 'ok' }])
    await put('keploy/test-set-0/secret.yaml', 'secret.1: x\n')
    expect(await checks('secrets')).toMatchObject([
      { status: 'ok', message: 'test-set-0: 1 secret, each with a value.' },
    ])
  })

  it('notices when Git does not ignore, or already keeps, the secrets file', async () => {
    expect(await checks('secrets file')).toMatchObject([{ status: 'ok', message: 'This is no Git repository.' }])
    const git = (...args: string[]) => execFileSync('git', args, { cwd, stdio: 'pipe' })
    git('init', '-q')
    expect(await checks('secrets file')).toMatchObject([
      { status: 'fail', message: 'Git does not ignore secret.yaml.' },
    ])
    await put('keploy/.gitignore', 'secret.yaml\n')
    expect(await checks('secrets file')).toMatchObject([{ status: 'ok' }])
    await put('keploy/test-set-0/secret.yaml', 'secret.1: x\n')
    git('add', '-f', 'keploy/test-set-0/secret.yaml')
    expect(await checks('secrets file')).toMatchObject([
      { status: 'fail', message: 'Git keeps keploy/test-set-0/secret.yaml, which holds secrets.' },
    ])
  })

  it('notices a file in the place of the folder', async () => {
    await put('keploy', '')
    expect(await checks('folder')).toMatchObject([{ status: 'fail', message: expect.stringContaining('is a file') }])
  })

  it('asks for Docker only when the configuration needs it', async () => {
    expect((await checks('docker'))[0]?.status).toBe('ok')
    expect((await checks('go'))[0]?.status).toBe('ok')
  })

  it('refuses a Node that is too old', async () => {
    expect((await doctor({ nodeVersion: '20.19.0', quiet: true })).output).toContain('Node 20.19.0 is too old.')
    expect((await doctor({ nodeVersion: '22.21.9' })).code).toBe(2)
    expect((await doctor({ nodeVersion: '24.0.0' })).code).toBe(0)
  })
})

describe('programOf', () => {
  it.each([
    ['npm start', 'npm'],
    ['PORT=1 NAME="a b" node x', 'node'],
    ['"/opt/my app/run" x', '/opt/my app/run'],
    ['node>log', 'node'],
    ['$RUN x', undefined],
    ['cd api && make', undefined],
    ['', undefined],
    ["'a b'", 'a b'],
  ])('of %j is %j', (command, program) => {
    expect(programOf(command)).toBe(program)
  })
})

describe('renderChecks', () => {
  it('makes control characters of file names harmless', () => {
    expect(renderChecks([{ name: 'x', status: 'fail', message: 'a\u001b[31mb\nc\u202ed' }])).toBe(
      'FAIL  x  a [31mb c d\n',
    )
  })
})

it('tells of a recording that did not end as it should', async () => {
  expect(await checks('journal')).toEqual([])
  const session = await RecordingSession.start({ target: 'http://127.0.0.1:9', directory: join(cwd, 'keploy') })
  expect(await checks('journal'), 'one that goes on').toEqual([])
  await session.abort()
  expect(await checks('journal')).toMatchObject([{ status: 'warn', message: '1 recording did not end as it should.' }])
})
