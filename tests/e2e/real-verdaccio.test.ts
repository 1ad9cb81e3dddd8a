/**
 * Segment: teams that replay instead of writing tests
 * Goal: a verdict that is right
 * Value: a registry that we did not write, driven by npm
 * Impact: a broken release is stopped, a good one is not
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { beforeAll, describe, expect, test } from 'vitest'

import { allText, binOf, ignoredPaths, notPassed, recordService, replayService } from '../real/recorded-service.ts'
import type { RealService } from '../real/recorded-service.ts'
import { tempDir } from './support/temp-dir.ts'
import type { TempDir } from './support/temp-dir.ts'

const run = promisify(execFile)

const password = 'correct-horse-battery'

const config = `
storage: ./storage
auth:
  htpasswd:
    file: ./htpasswd
uplinks: {}
packages:
  '**':
    access: $all
    publish: $authenticated
    unpublish: $authenticated
web:
  enable: false
log: { type: stdout, format: pretty, level: warn }
`

let dir: TempDir
let service: RealService
let output: string
let token: string
/** How many tests were recorded: each version of npm asks a little differently. */
let recorded: number

/** Creates an account as `npm adduser` does, which can't be run without a terminal. Returns the token. */
async function addUser(url: string, name: string): Promise<string> {
  const user = { name, password, email: `${name}@example.com`, type: 'user', roles: [], date: new Date().toISOString() }
  const response = await fetch(`${url}/-/user/org.couchdb.user:${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ _id: `org.couchdb.user:${name}`, ...user }),
  })
  expect(response.status).toBe(201)
  return ((await response.json()) as { token: string }).token
}

/** What somebody does with npm on a first day with a registry. */
async function drive(url: string): Promise<void> {
  const npm = async (folder: string, ...args: string[]) => {
    // A cache for each folder, or else npm installs what it has published itself, without asking for the tarball.
    const options = ['--registry', `${url}/`, '--cache', join(dir.path, 'cache', folder)]
    const { stdout } = await run('npm', [...args, ...options], {
      cwd: join(dir.path, folder),
      env: { PATH: process.env['PATH'], HOME: join(dir.path, 'home') },
    })
    return stdout
  }
  token = await addUser(url, 'ann')
  const npmrc = [`//${new URL(url).host}/:_authToken=${token}`, 'audit=false', 'fund=false', 'update-notifier=false']
  await writeFile(join(dir.path, 'home/.npmrc'), npmrc.join('\n'))
  expect(await npm('.', 'whoami')).toBe('ann\n')
  await npm('first', 'publish')
  await npm('second', 'publish')
  expect(JSON.parse(await npm('.', 'view', 'tiny-tap', '--json'))).toMatchObject({ version: '1.1.0' })
  expect(JSON.parse(await npm('.', 'search', 'drips', '--json'))).toMatchObject([{ name: 'tiny-tap' }])
  await npm('.', 'dist-tag', 'add', 'tiny-tap@1.0.0', 'stable')
  await npm('consumer', 'install', 'tiny-tap@stable')
  expect(await readFile(join(dir.path, 'consumer/node_modules/tiny-tap/index.js'), 'utf8')).toContain('1.0.0')
  await npm('.', 'unpublish', 'tiny-tap@1.1.0', '--force')
  await npm('.', 'unpublish', 'tiny-tap', '--force')
  await expect(npm('.', 'view', 'tiny-tap')).rejects.toThrow('404')
}

/** The same bytes on each call, which look random. */
function incompressible(size: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(size / 32) }, (_, index) =>
    createHash('sha256').update(String(index)).digest(),
  )
  return Buffer.concat(blocks).subarray(0, size)
}

beforeAll(async () => {
  const version = (number: string) => ({
    'package.json': JSON.stringify({
      name: 'tiny-tap',
      version: number,
      description: 'A tap that drips',
      main: 'index.js',
    }),
    'index.js': `module.exports = '${number}'\n`,
    'README.md': '# A tap that drips\n',
  })
  const files = { first: version('1.0.0'), second: version('1.1.0') }
  const packages = Object.entries(files).flatMap(([folder, content]) =>
    Object.entries(content).map(([name, text]) => [`${folder}/${name}`, text]),
  )
  dir = await tempDir({
    ...Object.fromEntries(packages),
    'consumer/package.json': '{"name":"consumer","version":"1.0.0","private":true}',
    'verdaccio.yaml': config,
    'keploy.yml': 'beforeSet: rm -rf storage htpasswd\n',
  })
  await mkdir(join(dir.path, 'home'))
  // Bytes that do not compress, so that the tarball and its base64 in the publish request are large.
  for (const folder of ['first', 'second'])
    await writeFile(join(dir.path, folder, 'water.bin'), incompressible(200_000))
  service = {
    folder: dir.path,
    command: (port) => [
      process.execPath,
      binOf('verdaccio', 'bin/verdaccio'),
      '--config',
      'verdaccio.yaml',
      '--listen',
      `127.0.0.1:${port}`,
    ],
  }
  output = (await recordService(service, drive)).stdout
  recorded = Number(/(\d+) tests saved/.exec(output)?.[1])
  return () => dir[Symbol.asyncDispose]()
})

const withPassword = (): RealService => ({ ...service, env: { KEPLOY_SECRET_1: password } })

// The last test saves secrets beside the set, which the first one says are in no file.
describe('Verdaccio, driven by npm', { shuffle: false }, () => {
  test('neither the password nor the token is in any file of the set, nor in what the recorder printed', async () => {
    const text = (await allText(join(dir.path, 'keploy'))) + output
    expect(recorded).toBeGreaterThan(15)
    for (const secret of [password, token]) expect(text).not.toContain(secret)
    expect(text).toContain('"password":"{{secret.1}}"')
    expect(text).toContain('Bearer {{secret.2}}')
  })

  test('without the password every test that needs the account is blocked, and says what it needs', async () => {
    const replay = await replayService(service)
    expect(replay.report.summary).toMatchObject({ total: recorded, passed: 0, failed: 0, blocked: recorded })
    const [login, ...others] = replay.tests
    expect(login?.failures[0]?.message).toContain('KEPLOY_SECRET_1')
    // Their token comes from the answer of the login.
    for (const { failures } of others) expect(failures[0]?.message).toContain('{{secret.2}}')
    expect(replay.code).toBe(1)
  })

  test('with the password everything that npm did passes against an empty registry', async () => {
    const replay = await replayService(withPassword())
    expect(notPassed(replay)).toEqual([])
    expect(replay.report.summary).toMatchObject({ total: recorded, passed: recorded })
    expect(ignoredPaths(replay)).toEqual([
      'put-user-org-couchdb-user-ann-1 header.X-RateLimit-Reset',
      'get-v1-search-1 header.X-RateLimit-Reset',
    ])
    expect(replay.code).toBe(0)
    expect(replay.stdout + replay.stderr).not.toContain(password)

    // What differs is compared by what it is: another token, another revision, the host of this replay.
    const rulesAt = (path: string) => replay.tests.filter((each) => each.path.endsWith(path)).map(({ rules }) => rules)
    expect(rulesAt('/org.couchdb.user:ann')[0]).toContainEqual({ path: 'body.token', rule: 'form: secret' })
    expect(rulesAt('/tiny-tap').flat()).toEqual(
      expect.arrayContaining([
        { path: 'body._rev', rule: 'form: revision' },
        { path: 'body.versions["1.1.0"].dist.tarball', rule: 'host' },
        { path: 'body.time["1.0.0"]', rule: 'binding' },
      ]),
    )
    // The tarball is compared byte by byte.
    expect(rulesAt('/tiny-tap-1.0.0.tgz')).toEqual([[{ path: 'header.Date', rule: 'connection header' }]])
  })

  test('another limit of requests fails on login and search, which are limited, and on nothing else', async () => {
    const limited = `${config}userRateLimit: { windowMs: 50000, max: 500 }\n`
    await writeFile(join(dir.path, 'verdaccio.yaml'), limited)
    const replay = await replayService(withPassword())
    await writeFile(join(dir.path, 'verdaccio.yaml'), config)
    const limit = 'The header X-RateLimit-Limit is "500" where "1000" was recorded.'
    const remaining = 'The header X-RateLimit-Remaining is "499" where "999" was recorded.'
    expect(notPassed(replay)).toEqual([
      `put-user-org-couchdb-user-ann-1 failed: ${limit} | ${remaining}`,
      `get-v1-search-1 failed: ${limit} | ${remaining}`,
    ])
    expect(replay.code).toBe(1)
  })

  test('secrets that were saved on request lie beside the set, for its owner only, and fill the replay', async () => {
    const login = async (url: string) => {
      const authorization = `Bearer ${await addUser(url, 'bo')}`
      const response = await fetch(`${url}/-/whoami`, { headers: { authorization } })
      expect(await response.json()).toEqual({ username: 'bo' })
    }
    await recordService(service, login, ['--test-set', 'saved', '--save-secrets'])
    const file = join(dir.path, 'keploy/saved/secret.yaml')
    expect(await readFile(file, 'utf8')).toContain(password)
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readFile(join(dir.path, 'keploy/.gitignore'), 'utf8')).toContain('secret.yaml')
    const replay = await replayService(service, ['--test-sets', 'saved'])
    expect(notPassed(replay)).toEqual([])
    expect(replay.report.summary).toMatchObject({ total: 2, passed: 2 })
  })
})
