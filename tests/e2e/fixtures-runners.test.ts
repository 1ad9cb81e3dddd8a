/**
 * Segment: teams whose tests need real services
 * Goal: tests that say the same on every machine
 * Value: the same services under Jest, Playwright and node:test
 * Impact: no day is lost to a test that fails for others only
 */
import { execFile } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, test } from 'vitest'

import { root } from '../../scripts/repository.ts'
import { tempDir } from './support/temp-dir.ts'

const fixtures = join(root, 'packages/fixtures')
const modules = join(fixtures, 'node_modules')

const BODY = `
  const cache = await fixtures.acquire('cache')
  try {
    await cache.command('SET', 'key', NAME)
    same(await cache.command('GET', 'key'), NAME)
    console.log('server', new URL(cache.url).port, cache.provider.name)
  } finally {
    await cache.release()
  }
`
const DECLARE = "const fixtures = startFixtures({ cache: redis({ isolation: 'db', providers: ['local'] }) })"
const IMPORT = "import { redis, startFixtures } from '@keploy-framework/fixtures'"
const SETUP = "export { globalSetup as default } from '@keploy-framework/fixtures'"

/** Runs a program in a project that has the built package among its modules, and tells what it printed. */
async function run(files: Record<string, string>, command: string, args: string[]): Promise<string> {
  await using project = await tempDir({ 'package.json': '{ "type": "module" }', ...files })
  await mkdir(join(project.path, 'node_modules/@keploy-framework'), { recursive: true })
  await symlink(fixtures, join(project.path, 'node_modules/@keploy-framework/fixtures'))
  await symlink(join(modules, '@playwright'), join(project.path, 'node_modules/@playwright'))
  const kept = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|NODE_OPTIONS|TEST$|JEST)/.test(name))
  const env = { ...Object.fromEntries(kept), KEPLOY_FIXTURES_DIR: join(project.path, 'fixtures'), NO_COLOR: '1' }
  const options = { cwd: project.path, env: { ...env, NODE_OPTIONS: '--experimental-vm-modules' }, timeout: 90_000 }
  const { stdout, stderr } = await promisify(execFile)(command, args, options).catch(
    (error: { stdout?: string; stderr?: string; message: string }) => ({
      stdout: error.stdout ?? '',
      stderr: `FAILED ${error.message} ${error.stderr}`,
    }),
  )
  const { readdir } = await import('node:fs/promises')
  const left = await readdir(join(project.path, 'fixtures/runs')).catch(() => [])
  return `${stdout}${stderr}\nleft behind: ${left.length}`
}

const starts = (output: string): number => output.match(/\[fixtures\] redis: local/g)?.length ?? 0

describe.skipIf(process.env['KEPLOY_REQUIRE_SERVICES'] !== 'all' && !(await hasRedis()))(
  'fixtures under other runners (needs redis-server: apt-get install redis-server)',
  () => {
    test('Jest: one server for all files, through its global set-up', async () => {
      const file = (name: string): string => `
        ${IMPORT}
        import { afterAll, expect, test } from '@jest/globals'
        const NAME = '${name}'
        const same = (a, b) => expect(a).toBe(b)
        ${DECLARE}
        afterAll(() => fixtures.close())
        test('has a cache', async () => {${BODY}})`
      const output = await run(
        {
          'jest.config.json': JSON.stringify({
            globalSetup: './setup.js',
            globalTeardown: './teardown.js',
            maxWorkers: 2,
          }),
          'setup.js': `
            import { globalSetup } from '@keploy-framework/fixtures'
            export default async () => { globalThis.closeFixtures = await globalSetup() }`,
          'teardown.js': 'export default () => globalThis.closeFixtures()',
          'a.test.js': file('a'),
          'b.test.js': file('b'),
        },
        process.execPath,
        [join(modules, 'jest/bin/jest.js'), '--config', 'jest.config.json'],
      )
      expect(output).toMatch(/Tests:\s+2 passed/)
      expect(starts(output)).toBe(1)
      expect(output).toContain('left behind: 0')
    })

    test('Playwright: its global set-up is ours, teardown included', async () => {
      const output = await run(
        {
          'playwright.config.js': "export default { globalSetup: './setup.js', testMatch: '*.spec.js', workers: 2 }",
          'setup.js': SETUP,
          ...Object.fromEntries(
            ['a', 'b'].map((name) => [
              `${name}.spec.js`,
              `${IMPORT}
              import { expect, test } from '@playwright/test'
              const NAME = '${name}'
              const same = (a, b) => expect(a).toBe(b)
              ${DECLARE}
              test.afterAll(() => fixtures.close())
              test('has a cache', async () => {${BODY}})`,
            ]),
          ),
        },
        process.execPath,
        [join(modules, '@playwright/test/cli.js'), 'test', '--reporter=line'],
      )
      expect(output).toContain('2 passed')
      expect(starts(output)).toBe(1)
      expect(output).toContain('left behind: 0')
    })

    test('node:test: each file has a server of its own, which ends with it', async () => {
      const file = `
        ${IMPORT}
        import { strictEqual as same } from 'node:assert'
        import { after, test } from 'node:test'
        const NAME = 'a'
        ${DECLARE}
        after(() => fixtures.close())
        test('has a cache', async () => {${BODY}})`
      const output = await run({ 'a.test.js': file, 'b.test.js': file }, process.execPath, ['--test'])
      expect(output).toMatch(/pass 2/)
      expect(output).toContain('left behind: 0')
    })
  },
)

async function hasRedis(): Promise<boolean> {
  return promisify(execFile)('redis-server', ['--version']).then(
    () => true,
    () => false,
  )
}
