import { accessSync, constants, statSync } from 'node:fs'
import { connect } from 'node:net'
import { delimiter, isAbsolute, join, resolve } from 'node:path'

import { fail, ok, warn, type Check } from './check.ts'

/** Words that the shell knows itself. */
const SHELL_WORDS = new Set([
  'cd',
  'exec',
  'export',
  'set',
  '.',
  'source',
  'eval',
  'if',
  'for',
  'while',
  'test',
  '[',
  '{',
  '(',
])

/** The program that a shell command starts with; nothing when only the shell can tell. */
export function programOf(command: string): string | undefined {
  let rest = command.trim()
  for (let match = assignment(rest); match !== undefined; match = assignment(rest))
    rest = rest.slice(match.length).trimStart()
  const quoted = /^"([^"$`\\]+)"|^'([^']+)'/.exec(rest)
  const word = quoted ? (quoted[1] ?? quoted[2]) : /^[^\s;&|<>()]+/.exec(rest)?.[0]
  return word === undefined || /[$`*?\\"']/.test(word) || SHELL_WORDS.has(word) ? undefined : word
}

function assignment(text: string): string | undefined {
  return /^[A-Za-z_]\w*=(?:"[^"]*"|'[^']*'|[^\s"']*)(?=\s)/.exec(text)?.[0]
}

/** Where a program lies, looked for as a shell does. */
export function findProgram(
  program: string,
  cwd: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const endings = process.platform === 'win32' ? ['', ...(env['PATHEXT'] ?? '.EXE;.CMD;.BAT').split(';')] : ['']
  const folders = program.includes('/') || isAbsolute(program) ? [''] : (env['PATH'] ?? '').split(delimiter)
  for (const folder of folders) {
    for (const ending of endings) {
      const path = resolve(cwd, join(folder, program + ending))
      if (isProgram(path)) return path
    }
  }
  return undefined
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

export interface CommandToCheck {
  readonly name: string
  readonly command: string
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
}

export function checkCommand(input: CommandToCheck): Check {
  const { name, command } = input
  if (command === '') {
    return warn(name, 'No start command is set.', 'Set `command` in keploy.yml, or run `keploy-framework setup`.')
  }
  const program = programOf(command)
  if (program === undefined) return ok(name, `\`${command}\` is for the shell to understand; not checked.`)
  if (findProgram(program, input.cwd, input.env) !== undefined) return ok(name, `\`${command}\``)
  const fix = program.includes('/')
    ? 'Build it, or correct the path and its permission to run.'
    : 'Install it, or correct `command` in keploy.yml.'
  return fail(name, `\`${command}\` cannot start: ${program} was not found.`, fix)
}

/** Whether something accepts connections on a port of this machine. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2_000 })
    const end = (open: boolean) => () => {
      socket.destroy()
      done(open)
    }
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false))
  })
}

export async function checkPort(name: string, port: number): Promise<Check> {
  if (port === 0) return warn(name, 'No port is set.', 'Set `port` in keploy.yml to where the service listens.')
  if (!(await isListening(port))) return ok(name, `${port} is free.`)
  return warn(
    name,
    `Something listens on ${port}.`,
    `If it is the service: test it with --url http://127.0.0.1:${port}. Otherwise stop it first.`,
  )
}
