/**
 * Segment: teams with tests of several kinds
 * Goal: one answer to whether a change may go out
 * Value: one run over all runners
 * Impact: nobody waits for tests that say nothing
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { symlink, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { describe, expect, test } from 'vitest'

import { root } from '../../scripts/repository.ts'
import { freePort } from './support/free-port.ts'
import { httpTest } from './support/http-test.ts'
import { runCli, startCli } from './support/run-cli.ts'
import { tempDir } from './support/temp-dir.ts'
import type { TempDir } from './support/temp-dir.ts'

const python = process.env['KEPLOY_TEST_PYTHON'] ?? 'python3'
const hasPytest = spawnSync(python, ['-c', 'import pytest'], { stdio: 'ignore' }).status === 0
if (!hasPytest && process.env['KEPLOY_REQUIRE_SERVICES'] === 'all') throw new Error(`${python} has no pytest.`)

const FILES = {
  'src/cart.mjs': 'export const add = (a, b) => a + b\nexport const unused = () => {\n  return 1\n}\n',
  'tests/unit/cart.test.mjs': `
    import { describe, expect, it } from 'vitest'
    import { add } from '../../src/cart.mjs'
    describe('cart', () => {
      it('adds', () => expect(add(1, 2)).toBe(3))
      it('is \\u001b[31mred\\u001b[0m\\nand long', () => expect(add(1, 1)).toBe(2))
      it.skip('comes later', () => {})
    })`,
  'tests/integration/node.test.mjs': `
    // @marker redis
    import { strictEqual } from 'node:assert'
    import { test } from 'node:test'
    import { add } from '../../src/cart.mjs'
    test('adds', () => strictEqual(add(2, 2), 4))`,
}

/** A project with the modules of this repository, so that it has Vitest. */
async function projectOf(files: Record<string, string>): Promise<TempDir> {
  const project = await tempDir({
    'package.json': '{ "type": "module", "devDependencies": { "vitest": "*" } }',
    ...files,
  })
  await symlink(join(root, 'node_modules'), join(project.path, 'node_modules'))
  return project
}

interface Report {
  readonly status: string
  readonly summary: Record<string, number>
  readonly sets: readonly { name: string; tests: readonly Result[] }[]
}

interface Result {
  readonly name: string
  readonly suite: string
  readonly file: string
  readonly status: string
  readonly tags: readonly string[]
  readonly rules: readonly { rule: string }[]
  readonly failures: readonly { kind: string; message: string }[]
}

/** Runs `run` with the result as JSON. */
async function run(project: TempDir, ...args: string[]) {
  const { code, stdout, stderr } = await runCli(['run', '--json', ...args], { cwd: project.path })
  const report = stdout === '' ? undefined : (JSON.parse(stdout) as Report)
  const tests = report?.sets.flatMap((set) => set.tests) ?? []
  const verdicts = tests.map(({ suite, file, name, status }) => `${status} ${suite}: ${file} > ${name}`).toSorted()
  return { code, stderr, report, tests, verdicts }
}

const config = (...projects: string[]): string =>
  `run:\n  projects:\n${projects.map((line) => `    - ${line}\n`).join('')}`

describe('keploy-framework run', () => {
  test('finds tests of several runners and recorded sets, and reports them as one run', async () => {
    const port = await freePort()
    await using project = await projectOf({
      ...FILES,
      'service.mjs': `
        import { createServer } from 'node:http'
        createServer((request, response) => {
          response.setHeader('content-type', 'application/json').end('{"things":[]}')
        }).listen(process.env.PORT, '127.0.0.1')`,
      'keploy.yml': `command: node service.mjs\nport: ${port}\n`,
      'keploy/test-set-0/tests/get-things-1.yaml': httpTest(),
      ...(hasPytest && {
        'tests/e2e/test_cart.py': `
import pytest
class TestCart:
    @pytest.mark.parametrize("n", [1, 2])
    def test_ok(self, n): assert n > 0
`,
      }),
    })
    const { code, verdicts, report, stderr } = await run(project)
    expect(verdicts, stderr).toEqual(
      [
        'passed integration: tests/integration/node.test.mjs > adds',
        'passed unit: tests/unit/cart.test.mjs > cart > adds',
        'passed unit: tests/unit/cart.test.mjs > cart > is red and long',
        'skipped unit: tests/unit/cart.test.mjs > cart > comes later',
        ...(hasPytest ? [1, 2].map((n) => `passed e2e: tests/e2e/test_cart.py > TestCart > test_ok[${n}]`) : []),
        'passed Things: keploy/test-set-0/tests/get-things-1.yaml > test-1',
      ].toSorted(),
    )
    expect(code).toBe(0)
    expect(report).toMatchObject({ status: 'passed', summary: { failed: 0, skipped: 1 } })
    expect(await readdir(join(project.path, 'keploy/reports/history'))).toHaveLength(1)
    const listed = await runCli(['run', '--list', '--marker', 'redis'], { cwd: project.path })
    expect(listed.stdout.split('\n')[0]).toMatch(/^integration +node +tests\/integration\/node\.test\.mjs +\(redis\)$/)
  })

  test('merges coverage of its runners, holds it to a bar, and writes what other services read', async () => {
    await using project = await projectOf(FILES)
    const args = [
      'run',
      '--coverage',
      '--coverage-threshold',
      '60',
      '--reporter',
      'json,junit',
      '--output',
      'out',
      '--parallel',
    ]
    const { code, stderr } = await runCli(args, { cwd: project.path })
    expect(stderr).toContain('Coverage: 50.0 % (2 of 4 lines), below the bar of 60 %.')
    expect(code).toBe(1)
    const read = async (name: string): Promise<string> => await readFile(join(project.path, 'out', name), 'utf8')
    expect(JSON.parse(await read('codecov.json'))).toMatchObject({
      coverage: { 'src/cart.mjs': { 1: expect.any(Number) as number } },
    })
    expect(await read('lcov.info')).toContain('SF:src/cart.mjs\nDA:1,')
    expect(await read('sonar-coverage.xml')).toContain('<lineToCover lineNumber="1" covered="true"/>')
    expect(await read('sonar-tests.xml')).toContain('<file path="tests/unit/cart.test.mjs">')
    expect(await read('junit.xml')).toContain('name="cart &gt; adds"')
  })

  test('fails what dies, hangs, leaves no report, or has no tests; keeps what is mission-critical', async () => {
    const nothing = 'import "node:test"\n'
    await using project = await projectOf({
      'unit/dies.test.mjs': `import { test } from 'node:test'\ntest('dies', () => { process.kill(process.ppid, 'SIGKILL') })`,
      'unit/hangs.test.mjs': `import { test } from 'node:test'\ntest('hangs', () => new Promise((done) => { setTimeout(done, 1e6) }))`,
      'unit/empty.test.mjs': nothing,
      'unit/skips.test.mjs': `import { test } from 'node:test'\ntest('skips', { skip: true }, () => {})`,
      'unit/twice.test.mjs': `import { test } from 'node:test'\ntest('same', () => {})\ntest('same', () => { throw new Error('second') })`,
      'unit/late.test.mjs': `
        import { it } from 'vitest'
        it('ends before its timer', () => {
          setTimeout(() => { throw new Error('too late') }, 10)
          return new Promise((done) => setTimeout(done, 200))
        })`,
      'bad.xml': '<testsuite>',
      'keploy.yml': config(
        '{ name: dies, kind: node-test, files: [unit/dies.test.mjs] }',
        '{ name: hangs, kind: node-test, files: [unit/hangs.test.mjs], timeout: 2s }',
        '{ name: skips, kind: node-test, files: [unit/skips.test.mjs], critical: true }',
        '{ name: late, kind: vitest, files: [unit/late.test.mjs] }',
        '{ name: twice, kind: node-test, files: [unit/twice.test.mjs] }',
        `{ name: bad, kind: command, category: unit, command: 'echo "<testsuite>" > bad.xml', report: bad.xml }`,
        `{ name: liar, kind: command, category: unit, command: 'echo "<testsuite><testcase name=\\"a\\"/></testsuite>" > ok.xml; exit 7', report: ok.xml }`,
        `{ name: fine, kind: command, category: unit, command: 'true' }`,
        `{ name: missing, kind: command, category: unit, command: 'no-such-program-here' }`,
      ),
    })
    const { code, tests } = await run(project, '--workers', '2', '--parallel')
    const by = (name: string): Result[] => tests.filter(({ file }) => file === name || file === `unit/${name}.test.mjs`)
    const reason = (name: string): string =>
      by(name).find(({ status }) => status === 'failed')?.failures[0]?.message ?? ''
    expect(reason('dies')).toContain('was ended by SIGKILL')
    expect(reason('hangs')).toContain('did not end within 2 s')
    expect(reason('late')).toContain('Error: too late')
    expect(reason('bad')).toContain('left no report that can be read')
    expect(reason('liar')).toContain('ended with exit code 7, though none of its tests failed')
    expect(reason('missing')).toContain('exit code 127')
    expect(reason('skips')).toContain('A mission-critical test was skipped')
    expect(by('twice').map(({ name, status }) => [name, status])).toEqual([
      ['same', 'passed'],
      ['same (2)', 'failed'],
    ])
    expect(by('fine').map(({ status }) => status)).toEqual(['passed'])
    expect(code).toBe(3)

    const filtered = await runCli(['run', '--test-file', 'unit/twice.test.mjs'], { cwd: project.path })
    expect(filtered.stdout).toContain('Mission-critical tests always run: unit/skips.test.mjs')
    expect(filtered.stdout).toMatch(/✗ +skips +skips\.test\.mjs/)
    expect(filtered.code).toBe(1)
  })

  test('does not begin with a category, quarantine or project that cannot be used, and ends with 4 without tests', async () => {
    await using project = await projectOf({
      'a.test.mjs': `import { test } from 'node:test'\ntest('a', () => {})`,
      'keploy.yml': config('{ name: a, kind: node-test, files: [a.test.mjs] }'),
    })
    const expectRefusal = async (text: string, code: number): Promise<void> => {
      const ended = await runCli(['run'], { cwd: project.path })
      expect(ended.stderr).toContain(text)
      expect(ended.code).toBe(code)
    }
    const write = async (text: string): Promise<void> => await writeFile(join(project.path, 'keploy.yml'), text)
    await expectRefusal('a.test.mjs is in no category', 2)
    await write(
      `${config('{ name: a, kind: node-test, files: [a.test.mjs], category: unit }')}  quarantine: [{ test: a.test.mjs, reason: x, until: 2020-01-01 }]\n`,
    )
    await expectRefusal('"a.test.mjs" has expired on 2020-01-01', 2)
    await write(
      config(
        '{ name: a, kind: node-test, files: [a.test.mjs], category: unit }',
        '{ name: b, kind: pytest, category: unit }',
      ),
    )
    await expectRefusal('The project "b" has no tests', 2)
    await write(config('{ name: b, kind: node-test, files: [none/*], category: unit }'))
    await expectRefusal('There are no tests here.', 4)
  })

  test('takes the last failures, shows flaky tests, and does not count quarantined ones', async () => {
    await using project = await projectOf({
      'unit/good.test.mjs': `import { test } from 'node:test'\ntest('good', () => {})`,
      'unit/odd.test.mjs': `
        import { existsSync, rmSync, writeFileSync } from 'node:fs'
        import { test } from 'node:test'
        test('odd', () => {
          if (existsSync('odd.tmp')) { rmSync('odd.tmp'); throw new Error('every other time') }
          writeFileSync('odd.tmp', '')
        })`,
      '.gitignore': 'odd.tmp\nkeploy/\nnode_modules\n',
    })
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.email=a@example.com', '-c', 'user.name=a', ...args], { cwd: project.path })
    git('init', '-q')
    git('add', '-A')
    git('commit', '-q', '-m', 'x')
    const repeated = await run(project, '--repeat', '4')
    expect(repeated.verdicts).toEqual([
      'failed unit: unit/odd.test.mjs > odd',
      'passed unit: unit/good.test.mjs > good',
    ])
    expect(repeated.tests.find(({ name }) => name === 'odd')?.failures[0]?.message).toContain(
      'It failed in 2 of 4 runs',
    )
    expect(repeated.stderr).toContain('1 of 2 tests (50.0 %) passed and failed with the same sources')
    expect(repeated.code).toBe(1)

    const last = await run(project, '--last-failed')
    expect(last.verdicts).toEqual(['passed unit: unit/odd.test.mjs > odd'])
    await writeFile(join(project.path, 'keploy.yml'), `run:\n  quarantineFile: quarantine.yml\n`)
    await writeFile(
      join(project.path, 'quarantine.yml'),
      '- { test: "unit/odd.test.mjs > o*", reason: "#412", until: 2999-01-01 }\n',
    )
    const quarantined = await run(project)
    expect(quarantined.verdicts).toEqual([
      'passed unit: unit/good.test.mjs > good',
      'skipped unit: unit/odd.test.mjs > odd',
    ])
    expect(quarantined.stderr).toContain(
      'unit/odd.test.mjs > odd failed and does not count: quarantine until 2999-01-01: #412',
    )
    expect(quarantined.code).toBe(0)
  })

  test('fast feedback takes changed files first and says what it left out', async () => {
    const file = (name: string) =>
      `import { test } from 'node:test'\nimport '../src/${name}.mjs'\ntest('${name}', () => {})`
    await using project = await projectOf({
      'src/a.mjs': '',
      'src/b.mjs': '',
      'unit/a.test.mjs': file('a'),
      'unit/b.test.mjs': file('b'),
      'keploy.yml': 'run: { budget: 3s }\n',
      '.gitignore': 'keploy/\nnode_modules\n',
    })
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.email=a@example.com', '-c', 'user.name=a', ...args], { cwd: project.path })
    git('init', '-q')
    git('add', '-A')
    git('commit', '-q', '-m', 'x')
    await writeFile(join(project.path, 'src/b.mjs'), '// changed')
    const { verdicts, stderr, code } = await run(project, '--execution-mode', 'fast_feedback')
    expect(verdicts).toEqual(['passed unit: unit/b.test.mjs > b'])
    expect(stderr).toContain('Left out 1 file (no time left): unit/a.test.mjs.')
    expect(code).toBe(0)
  })

  test('runs Jest, starts nothing more after a failure, and hands on what runners are asked for', async () => {
    await using project = await tempDir({
      'unit/a.test.js': `
        test('fails', () => expect(1).toBe(2))
        describe('group', () => test.todo('later'))`,
      'keploy.yml': config(
        '{ name: jest, kind: jest, files: [unit/*.test.js], markers: [slow] }',
        `{ name: services, kind: command, category: integration, command: 'test "$KEPLOY_REQUIRE_SERVICES $OWN" = "all 1"', env: { OWN: 1 } }`,
        `{ name: never, kind: command, category: e2e, command: 'true' }`,
        `{ name: must, kind: command, category: mission_critical, command: 'true' }`,
      ),
      'package.json': '{}',
    })
    await symlink(join(root, 'packages/fixtures/node_modules'), join(project.path, 'node_modules'))
    const stopped = await run(project, '--fast-fail')
    expect(stopped.verdicts).toEqual([
      'failed unit: unit/a.test.js > fails',
      'passed mission_critical: must > must',
      'skipped e2e: never > never',
      'skipped integration: services > services',
      'skipped unit: unit/a.test.js > group > later',
    ])
    expect(stopped.code).toBe(1)
    const real = await run(project, '--real-services', '--marker', 'not slow')
    expect(real.verdicts).toEqual([
      'passed e2e: never > never',
      'passed integration: services > services',
      'passed mission_critical: must > must',
    ])
    const noKey = await run(project, '--real-llm')
    expect(noKey.stderr).toContain('KEPLOY_RUN_REAL_LLM')
    expect(noKey.stderr).toContain('OPENAI_API_KEY is not set')
    expect(noKey.code).toBe(2)
  })

  test('Ctrl-C ends every process and says so', async () => {
    await using project = await projectOf({
      'unit/waits.test.mjs': `
        import { spawn } from 'node:child_process'
        import { writeFileSync } from 'node:fs'
        import { test } from 'node:test'
        test('waits', async () => {
          const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6)'])
          writeFileSync('pids', process.pid + ' ' + child.pid)
          await new Promise((done) => { setTimeout(done, 1e6) })
        })`,
    })
    await using cli = startCli(['run'], { cwd: project.path })
    await cli.waitFor('Step 1/1')
    const pids = async (): Promise<number[]> => {
      const text = await readFile(join(project.path, 'pids'), 'utf8').catch(() => '')
      return text
        .split(' ')
        .filter((word) => word !== '')
        .map(Number)
    }
    while ((await pids()).length < 2) await delay(50)
    const started = await pids()
    cli.child.kill('SIGINT')
    const { code, stdout } = await cli.done
    expect(code, stdout).toBe(130)
    expect(stdout).toContain('The run was interrupted.')
    for (const pid of started) while (isAlive(pid)) await delay(50)
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
