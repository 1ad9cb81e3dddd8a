import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { MAX_FILE_BYTES } from './defaults.ts'
import { loadConfig } from './load-config.ts'

let cwd: string

beforeEach(async () => {
  const base = await mkdtemp(join(tmpdir(), 'keploy-config-'))
  cwd = join(base, 'shop')
  await mkdir(cwd)
})

afterEach(async () => {
  await rm(join(cwd, '..'), { recursive: true, force: true })
})

const write = (text: string, name = 'keploy.yml') => writeFile(join(cwd, name), text)

async function issuesOf(text: string) {
  await write(text)
  return (await loadConfig({ cwd, env: {} })).issues
}

describe('loadConfig', () => {
  it('has every default when there is no file', async () => {
    const { config, issues, file } = await loadConfig({ cwd, env: {} })
    expect(issues).toEqual([])
    expect(file).toBeUndefined()
    expect(config).toMatchObject({
      path: '.',
      directory: cwd,
      setsDirectory: join(cwd, 'keploy'),
      port: 0,
      test: {
        delayMs: 5_000,
        apiTimeoutMs: 5_000,
        healthPollTimeoutMs: 60_000,
        minPassRate: 1,
        ignoreOrdering: false,
        workers: 1,
      },
      record: { bodyLimitBytes: 1_048_576, fsync: 'interval', durationMs: 0, listen: { host: '127.0.0.1', port: 0 } },
      redact: { enabled: true },
      container: { cmdType: 'native', buildDelayMs: 30_000 },
    })
  })

  it('lets a flag win over the environment, that over the override file, that over the file, that over the default', async () => {
    await write('test:\n  delay: 1\n  apiTimeout: 1\n  retries: 1\n  workers: 2\n')
    await write('test:\n  apiTimeout: 2\n  retries: 2\n  workers: 3\n', 'shop.keploy.yml')
    const env = { KEPLOY_TEST_RETRIES: '3', KEPLOY_TEST_WORKERS: '4' }
    const { config, sources, file, overrideFile } = await loadConfig({ cwd, env, flags: { 'test.workers': 5 } })
    expect(config.test).toMatchObject({ delayMs: 1_000, apiTimeoutMs: 2_000, retries: 3, workers: 5, minPassRate: 1 })
    expect(sources.get('test.delay')).toEqual({ kind: 'file', file, line: 2, column: 10 })
    expect(sources.get('test.apiTimeout')).toEqual({ kind: 'override', file: overrideFile, line: 2, column: 15 })
    expect(sources.get('test.retries')).toEqual({ kind: 'environment', variable: 'KEPLOY_TEST_RETRIES' })
    expect(sources.get('test.workers')).toEqual({ kind: 'flag' })
    expect(sources.get('test.minPassRate')).toEqual({ kind: 'default' })
  })

  it('takes flags nested or by path, and leaves out what is undefined', async () => {
    const { config } = await loadConfig({
      cwd,
      env: {},
      flags: { test: { retries: 2, workers: undefined }, 'record.maxTests': 4, command: undefined },
    })
    expect([config.test.retries, config.test.workers, config.record.maxTests, config.command]).toEqual([2, 1, 4, ''])
  })

  it('reads lists, flags and text from the environment', async () => {
    const env = {
      KEPLOY_REDACT_HEADERS: 'X-Token, X-Key',
      KEPLOY_TEST_FAILFAST: 'true',
      KEPLOY_RECORD_DEDUPE: '1',
      KEPLOY_REDACT_ENABLED: 'no',
      KEPLOY_PORT: '',
      KEPLOY_COMMAND: '123',
      KEPLOY_TEST_HEALTH_POLL_TIMEOUT: '2m',
      KEPLOY_SUITES: '{ GET /: Home }',
    }
    const { config, issues } = await loadConfig({ cwd, env })
    expect(issues).toEqual([])
    expect(config.redact.headers).toEqual(['X-Token', 'X-Key'])
    expect([config.test.failFast, config.record.dedupe, config.redact.enabled, config.port]).toEqual([
      true,
      true,
      false,
      0,
    ])
    expect(config.command).toBe('123')
    expect(config.test.healthPollTimeoutMs).toBe(120_000)
    expect(config.suites).toEqual({ 'GET /': 'Home' })
  })

  it('names the variable whose value is wrong, and the one that is misspelt', async () => {
    const { issues } = await loadConfig({
      cwd,
      env: { KEPLOY_TEST_RETRIES: 'many', KEPLOY_TEST_WORKRES: '2', KEPLOY_CORPUS: 'x' },
    })
    expect(issues.map((issue) => issue.message)).toEqual([
      'The environment variable KEPLOY_TEST_WORKRES sets nothing.',
      'The environment variable KEPLOY_TEST_RETRIES must be a whole number, and is the text "many".',
    ])
    expect(issues[0]?.suggestion).toBe('Did you mean KEPLOY_TEST_WORKERS?')
  })

  it('tells line, column and suggestion of a wrong type, and goes on with the default', async () => {
    await write('command: npm start\ntest:\n  apiTimeout: five\n  failFast: "yes"\n  retries: "2"\n')
    const { issues, config } = await loadConfig({ cwd, env: {} })
    expect(issues).toMatchObject(
      [
        {
          code: 'KEPLOY_CONFIG_TYPE',
          path: 'test.apiTimeout',
          line: 3,
          column: 15,
          message: expect.stringContaining('a number of seconds'),
        },
        { path: 'test.failFast', line: 4, suggestion: 'Write true.' },
        { path: 'test.retries', line: 5, suggestion: 'Remove the quotes: 2.' },
      ].toSorted((a, b) => issues.findIndex((i) => i.path === a.path) - issues.findIndex((i) => i.path === b.path)),
    )
    expect(config.test.apiTimeoutMs).toBe(5_000)
    expect(config.command).toBe('npm start')
  })

  it('tells what is out of range', async () => {
    expect(await issuesOf('test:\n  minPassRate: 80\n')).toMatchObject([
      {
        code: 'KEPLOY_CONFIG_RANGE',
        severity: 'error',
        line: 2,
        message: 'test.minPassRate must be at most 1, and is 80.',
      },
    ])
    expect(await issuesOf('port: 70000\n')).toMatchObject([{ code: 'KEPLOY_CONFIG_RANGE', path: 'port' }])
    expect(await issuesOf('port: 8000.5\n')).toMatchObject([{ message: 'port must be a whole number, and is 8000.5.' }])
  })

  it('suggests the value that was meant', async () => {
    expect(await issuesOf('record:\n  fsync: allways\n')).toMatchObject([{ suggestion: 'Did you mean always?' }])
  })

  it('warns of a key that is nearly one it knows, and leaves others alone', async () => {
    expect(await issuesOf('test:\n  apitimout: 5\n  somethingElse: 1\nmyTeam: x\n')).toEqual([
      expect.objectContaining({
        code: 'KEPLOY_CONFIG_UNKNOWN_KEY',
        severity: 'warning',
        path: 'test.apitimout',
        line: 2,
        column: 3,
        suggestion: 'Did you mean apiTimeout?',
      }),
    ])
  })

  it('tells line and column of text that is not YAML', async () => {
    expect(await issuesOf('command: "npm start\ntest: 1\n')).toMatchObject([
      { code: 'KEPLOY_CONFIG_SYNTAX', line: 3, column: 1, suggestion: 'Check that every quote and bracket is closed.' },
    ])
    expect(await issuesOf('a: 1\n b: 2\n')).toMatchObject([
      { code: 'KEPLOY_CONFIG_SYNTAX', line: expect.any(Number), column: expect.any(Number) },
    ])
  })

  it('tells of a key that stands twice', async () => {
    expect(await issuesOf('port: 1\nport: 2\n')).toMatchObject([
      { code: 'KEPLOY_CONFIG_DUPLICATE_KEY', line: 2, column: 1 },
    ])
  })

  it('refuses aliases that run in a circle or grow without bound', async () => {
    expect(await issuesOf('a: &a\n  b: *a\n')).toMatchObject([{ code: 'KEPLOY_CONFIG_ALIAS', line: 2, column: 6 }])
    expect(await issuesOf('a: *nothing\n')).toMatchObject([{ severity: 'error', line: 1 }])
    const laughs = [
      'a0: &a0 [x, x]',
      ...Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`),
    ]
    expect(await issuesOf(laughs.join('\n'))).toMatchObject([{ code: 'KEPLOY_CONFIG_ALIAS' }])
  })

  it('reads merge keys and harmless aliases', async () => {
    await write('x: &x\n  delay: 2\ntest:\n  <<: *x\n  retries: 1\n')
    const { config, issues } = await loadConfig({ cwd, env: {} })
    expect(issues).toEqual([])
    expect(config.test).toMatchObject({ delayMs: 2_000, retries: 1 })
  })

  it('refuses a file that is too large or too deep, without reading it all', async () => {
    expect(await issuesOf(`a: ${'x'.repeat(MAX_FILE_BYTES)}`)).toMatchObject([{ code: 'KEPLOY_CONFIG_TOO_LARGE' }])
    expect((await issuesOf(`a: ${'['.repeat(100_000)}`))[0]).toMatchObject({ severity: 'error' })
  })

  it('takes __proto__ as any other unknown key', async () => {
    await write('__proto__:\n  polluted: true\nsets:\n  __proto__: { beforeSet: x }\n  a: { beforeSet: y }\n')
    const { config } = await loadConfig({ cwd, env: {} })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(config.sets['a']).toEqual({ beforeSet: 'y', afterSet: '' })
  })

  it('says why a regular expression cannot be used', async () => {
    const issues = await issuesOf(
      'redact:\n  patterns:\n    - "ok"\n    - "(?=x)"\ntest:\n  globalNoise:\n    global:\n      body: { a: ["*", "["], b: 5, c: }\n',
    )
    expect(issues).toMatchObject(
      [
        { code: 'KEPLOY_CONFIG_PATTERN', path: 'test.globalNoise.global.body.a[1]', line: 8 },
        {
          code: 'KEPLOY_CONFIG_PATTERN',
          path: 'redact.patterns[1]',
          line: 4,
          suggestion: expect.stringContaining('RE2'),
        },
      ].toSorted((a, b) => issues.findIndex((i) => i.path === a.path) - issues.findIndex((i) => i.path === b.path)),
    )
    const { config } = await loadConfig({ cwd, env: {} })
    expect(config.redact.patterns).toEqual(['ok'])
    expect(config.test.globalNoise.global['body']).toEqual({ a: ['*'], b: ['5'], c: [] })
  })

  it('treats a key without a value as not written', async () => {
    await write('command:\ntest:\n  delay:\n  globalNoise:\nrecord:\n')
    const { config, issues } = await loadConfig({ cwd, env: {} })
    expect(issues).toEqual([])
    expect(config.test.delayMs).toBe(5_000)
  })

  it('leaves out a list entry that misses what it needs', async () => {
    await write(
      'menu:\n  entries:\n    - { key: 1, title: Test, command: npm test }\n    - { key: 2, title: Nothing }\nservices:\n  - { port: 1 }\n',
    )
    const { config, issues } = await loadConfig({ cwd, env: {} })
    expect(issues).toMatchObject([
      { code: 'KEPLOY_CONFIG_MISSING', path: 'services[0].name', line: 6 },
      { code: 'KEPLOY_CONFIG_MISSING', path: 'menu.entries[1].command', line: 4 },
    ])
    expect(config.menu.entries).toEqual([{ key: '1', title: 'Test', command: 'npm test' }])
  })

  it('takes out every wrong entry of a list, and no other', async () => {
    await write(
      'menu:\n  entries:\n    - { key: 1 }\n    - { key: 2, title: Two, command: two }\n    - { title: 3 }\n    - { key: 4, title: Four, command: four }\nredact: { patterns: ["[", a, "(", b] }\n',
    )
    const { config, issues } = await loadConfig({ cwd, env: {} })
    expect(config.menu.entries.map(({ key }) => key)).toEqual(['2', '4'])
    expect(config.redact.patterns).toEqual(['a', 'b'])
    expect(issues.map(({ line }) => line)).toEqual(expect.arrayContaining([3, 5, 7]))
  })

  it('forgets the source of what was replaced as a whole', async () => {
    await write('autogen: { a: 1 }\ncloud: 1\n')
    await write('autogen: 2\ncloud: { b: 1 }\n', 'shop.keploy.yml')
    const { sources } = await loadConfig({ cwd, env: {} })
    expect([sources.has('autogen.a'), sources.has('autogen'), sources.has('cloud.b'), sources.has('cloud')]).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('needs a file that was named, and a map in it', async () => {
    expect((await loadConfig({ cwd, env: {}, file: 'other.yml' })).issues).toMatchObject([
      { code: 'KEPLOY_CONFIG_NOT_FOUND', severity: 'error' },
    ])
    await mkdir(join(cwd, 'dir.yml'))
    expect((await loadConfig({ cwd, env: {}, file: 'dir.yml' })).issues).toMatchObject([{ code: 'KEPLOY_CONFIG_READ' }])
    expect(await issuesOf('- a\n')).toMatchObject([{ code: 'KEPLOY_CONFIG_TYPE', line: 1 }])
  })

  it('resolves folders from the place of the file', async () => {
    await mkdir(join(cwd, 'conf'))
    await write('path: ../api\nservices: [{ name: a, path: a }]\n', 'conf/k.yml')
    const { config } = await loadConfig({ cwd, env: {}, file: 'conf/k.yml' })
    expect(config.setsDirectory).toBe(join(cwd, 'api', 'keploy'))
    expect(config.services[0]?.directory).toBe(join(cwd, 'conf', 'a'))
  })

  it('tells of a setting of Keploy that would change a run and has no effect here', async () => {
    const set =
      'test:\n  replaceWith: { global: { url: { a: b } } }\n  ssePort: 0\n  grpcPort: 5\n  protocol: { sse: { port: 0 } }\n'
    expect(await issuesOf(set)).toMatchObject([
      { code: 'KEPLOY_CONFIG_NO_EFFECT', severity: 'warning', path: 'test.replaceWith', line: 2 },
      { path: 'test.grpcPort', line: 4 },
    ])
  })

  it('honours and tells of a looser comparison', async () => {
    await write('test:\n  ignoreOrdering: true\n')
    const { config, issues } = await loadConfig({ cwd, env: {} })
    expect(config.test.ignoreOrdering).toBe(true)
    expect(issues).toMatchObject([{ code: 'KEPLOY_CONFIG_LOOSE', severity: 'warning', line: 2 }])
  })
})
