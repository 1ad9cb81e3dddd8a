import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

const require = createRequire(import.meta.url)
const plugin = join(import.meta.dirname, 'index.ts')
const settings = { 'keploy-framework': { categories: { unit: 'src/**' } } }
const files = {
  'tests/e2e/pay.test.ts': "vi.mock('./mail.ts')\ntest('pays', async () => {\n  await sleep(100 as number)\n})\n",
  'tests/unit/sum.test.ts': "vi.mock('./mail.ts')\ntest('adds', () => {\n  expect(sum(1, 2)).toBe(3)\n})\n",
  'src/tmp.test.ts': "test.skip('later', () => {})\n",
}

/** A project with `files` and more, as it stands on disk until it is disposed. */
async function project(more: Record<string, string>) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'keploy-lint-')))
  for (const [file, text] of Object.entries({ ...files, 'package.json': '{ "type": "module" }', ...more })) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

/** What a linter prints, and its exit code. */
async function run(module: string, args: string[], cwd: string) {
  const program = join(dirname(require.resolve(`${module}/package.json`)), `bin/${module}`)
  const bin = module === 'eslint' ? `${program}.js` : program
  return promisify(execFile)(process.execPath, [bin, ...args], { cwd }).then(
    ({ stdout }) => ({ code: 0, stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      stdout: error.stdout + error.stderr,
    }),
  )
}

test('the command of ESLint reports what the recommended configuration finds', { timeout: 60_000 }, async () => {
  const config = `
    import keploy from ${JSON.stringify(pathToFileURL(plugin).href)}
    import parser from ${JSON.stringify(pathToFileURL(require.resolve('@typescript-eslint/parser')).href)}
    export default [
      keploy.configs.recommended,
      { files: ['**/*.ts'], languageOptions: { parser }, settings: ${JSON.stringify(settings)} },
    ]`
  await using own = await project({ 'eslint.config.js': config })
  const { code, stdout } = await run('eslint', ['--format', 'json', '.'], own.folder)
  const results = JSON.parse(stdout) as { filePath: string; messages: { ruleId: string | null }[] }[]
  const found = results.flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId }) => `${filePath.slice(own.folder.length + 1).replaceAll('\\', '/')} ${ruleId}`),
  )
  expect(found.sort()).toEqual([
    'src/tmp.test.ts @keploy-framework/no-throwaway-tests',
    'src/tmp.test.ts @keploy-framework/quarantine-with-reason',
    'tests/e2e/pay.test.ts @keploy-framework/no-mocks',
    'tests/e2e/pay.test.ts @keploy-framework/no-sleep',
  ])
  expect(code).toBe(1)
})

test('oxlint loads it as a plugin, with settings', { timeout: 60_000 }, async () => {
  const rules = ['no-mocks', 'no-sleep', 'no-throwaway-tests', 'one-category', 'quarantine-with-reason']
  const config = {
    jsPlugins: [plugin],
    settings,
    categories: { correctness: 'off' },
    rules: Object.fromEntries(rules.map((rule) => [`@keploy-framework/${rule}`, 'error'])),
  }
  await using own = await project({ '.oxlintrc.json': JSON.stringify(config) })
  const { code, stdout } = await run('oxlint', ['--format', 'unix', '.'], own.folder)
  const found = stdout.split('\n').flatMap((line) => {
    const [, file = '', rule = ''] = /^(.+?):\d+:\d+: .*@keploy-framework\(([\w-]+)\)/.exec(line) ?? []
    return rule === '' ? [] : [`${file.replaceAll('\\', '/')} ${rule}`]
  })
  expect(found.sort()).toEqual([
    'src/tmp.test.ts no-throwaway-tests',
    'src/tmp.test.ts quarantine-with-reason',
    'tests/e2e/pay.test.ts no-mocks',
    'tests/e2e/pay.test.ts no-sleep',
  ])
  expect(code).toBe(1)
})
