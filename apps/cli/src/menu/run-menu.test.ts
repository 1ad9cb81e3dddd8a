import { spawn, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { builtInChoices, menuChoices } from './menu-entry.ts'
import { readStatus, statusLine } from './menu-status.ts'
import { renderMenu } from './render-menu.ts'
import { runMenu } from './run-menu.ts'

let cwd: string

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'keploy-menu-'))
  for (const name of ['a', 'b', 'c']) await putTest('test-set-0', name)
})

afterEach(() => rm(cwd, { recursive: true, force: true }))

async function putTest(set: string, name: string): Promise<void> {
  await mkdir(join(cwd, 'keploy', set, 'tests'), { recursive: true })
  await writeFile(
    join(cwd, 'keploy', set, 'tests', `${name}.yaml`),
    `version: api.keploy.io/v1beta1\nkind: Http\nname: ${name}\nspec: {}\n`,
  )
}

/** The program that makes a terminal; a part of the system and not of any package. */
const TERMINAL = 'script'

/** A menu in a real terminal. */
function startMenu() {
  const module = new URL('./run-menu.ts', import.meta.url).href
  const self = JSON.stringify([process.execPath, join(cwd, 'self.js')])
  const io = `{ stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, env: process.env, cwd: process.cwd() }`
  const source = `import { runMenu } from '${module}'; process.exitCode = await runMenu({ self: ${self} }, ${io})`
  const node = [
    process.execPath,
    '--conditions=@keploy-framework/source',
    '--no-warnings',
    '--input-type=module',
    '-e',
    source,
  ]
  const command = node.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const child = spawn(TERMINAL, ['-qec', command, '/dev/null'], {
    cwd,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, SHELL: '/bin/sh' },
  })
  let output = ''
  const waiting = new Set<() => void>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    for (const check of waiting) check()
  })
  const exited = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  /** Waits until a text has come that was not there at the last call. */
  let from = 0
  const until = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const check = (): void => {
        const at = output.indexOf(text, from)
        if (at === -1) return
        from = at + text.length
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      void exited.then(() => reject(new Error(`ended without ${JSON.stringify(text)}:\n${output}`)))
      check()
    })
  return {
    until,
    exited,
    output: () => output,
    type: (text: string) => child.stdin.write(text),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

const hasScript = spawnSync(TERMINAL, ['--version']).stdout?.toString().includes('util-linux') ?? false

describe('runMenu', () => {
  it('says clearly that it needs a terminal', async () => {
    const io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough(), env: {}, cwd }
    await expect(runMenu({}, io)).rejects.toMatchObject({
      code: 'KEPLOY_USAGE',
      exitCode: 2,
      message: 'The menu needs a terminal, and this is none: input or output is a pipe or a file.',
    })
  })

  describe.skipIf(!hasScript)('in a terminal (made by the program script of util-linux)', { timeout: 60_000 }, () => {
    it('shows what is on disk now, runs entries with the terminal, and leaves with 0', async () => {
      await writeFile(
        join(cwd, 'keploy.yml'),
        `menu:
  title: Shop API
  entries:
    - { key: 1, title: Add a test, command: "cp -r keploy/test-set-0 keploy/test-set-1; test -t 0 && test -t 1 && echo on-a-terminal" }
    - { key: t, title: Ask, command: "read name; echo hello $name" }
    - { key: x, title: Fail, command: exit 7 }
`,
      )
      await using menu = startMenu()
      await menu.until('Shop API')
      await menu.until('3 test cases ready')
      await menu.until('Your choice: ')
      menu.type('1\n')
      await menu.until('on-a-terminal\r\n')
      await menu.until('6 test cases ready in 2 sets')
      await menu.until('Your choice: ')
      menu.type('t\n')
      await menu.until('$ read name')
      menu.type('world\n')
      await menu.until('hello world')
      await menu.until('Your choice: ')
      menu.type('x\n')
      await menu.until('Ended with exit code 7.')
      await menu.until('Your choice: ')
      menu.type('nothing\n')
      await menu.until('There is no entry "nothing". Type one of 1, t, x, or 0 to leave.')
      await menu.until('Your choice: ')
      menu.type('0\n')
      expect(await menu.exited).toBe(0)
    })

    it('runs the commands of this tool, the whole workflow in order, also after a failure', async () => {
      await writeFile(
        join(cwd, 'self.js'),
        `require('node:fs').appendFileSync('calls', process.argv.slice(2).join(' ') + '\\n'); process.exit(process.argv[2] === 'test' ? 1 : 0)`,
      )
      await using menu = startMenu()
      await menu.until('Your choice: ')
      for (const [key, awaited] of [
        ['4', '--replace'],
        ['5', 'On which port'],
      ] as const) {
        menu.type(`${key}\n`)
        await menu.until(awaited)
        if (key === '5') menu.type('9000\n')
        await menu.until('Your choice: ')
      }
      menu.type('7\n')
      await menu.until('$ keploy-framework test --report')
      await menu.until('Ended with exit code 1.')
      await menu.until('$ keploy-framework report')
      await menu.until('Your choice: ')
      menu.type('0\n')
      expect(await menu.exited).toBe(0)
      expect((await readFile(join(cwd, 'calls'), 'utf8')).split('\n').slice(0, -1)).toEqual([
        'record --test-set test-set-0 --replace',
        'record --port 9000',
        'record',
        'test --report',
        'report',
      ])
    })

    it('lets Ctrl-C end a running command, and leaves with 130 when it comes at the prompt', async () => {
      await writeFile(
        join(cwd, 'keploy.yml'),
        'menu: { entries: [{ key: w, title: Wait, command: "echo waiting; exec sleep 600" }] }\n',
      )
      await using menu = startMenu()
      await menu.until('Your choice: ')
      menu.type('w\n')
      await menu.until('\nwaiting')
      menu.type('\u0003')
      await menu.until('Ended with exit code 130.')
      await menu.until('Your choice: ')
      menu.type('\u0003')
      expect(await menu.exited).toBe(130)
    })

    it('leaves at the end of the input', async () => {
      await using menu = startMenu()
      await menu.until('Your choice: ')
      menu.type('\u0004')
      expect(await menu.exited).toBe(0)
    })
  })
})

describe('the menu', () => {
  it('has the entries of the workflow, and those of keploy.yml instead', () => {
    expect(
      builtInChoices(undefined)
        .map(({ key }) => key)
        .join(''),
    ).toBe('123456789a')
    const entries = [
      { key: 'a', title: 'A', command: 'make a' },
      { key: '0', title: 'Never', command: 'x' },
    ]
    expect(menuChoices({ menu: { title: '', entries } }, undefined)).toEqual([
      { key: 'a', title: 'A', steps: [{ shell: 'make a' }] },
    ])
  })

  it('counts tests truthfully, also when there are none', async () => {
    expect(statusLine(await readStatus(join(cwd, 'keploy')))).toBe('3 test cases ready')
    await rm(join(cwd, 'keploy/test-set-0/tests/a.yaml'))
    await rm(join(cwd, 'keploy/test-set-0/tests/b.yaml'))
    expect(statusLine(await readStatus(join(cwd, 'keploy')))).toBe('1 test case ready')
    expect(statusLine(await readStatus(join(cwd, 'nothing')))).toBe('No test cases yet')
  })

  it('fits its banner around the title, and lets titles do nothing to the terminal', () => {
    const text = renderMenu({
      title: 'x\u001b[2J',
      status: 'y'.repeat(80),
      choices: [{ key: '1', title: 'a\nb', steps: [] }],
    })
    expect(text).not.toContain('\u001b')
    expect(text).toContain('  1  a b\n  0  Exit\n')
    expect(
      new Set(
        text
          .split('\n')
          .slice(0, 4)
          .map((line) => line.length),
      ).size,
    ).toBe(1)
  })
})
