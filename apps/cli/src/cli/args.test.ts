import { expect, test } from 'vitest'

import { parseCommandLine } from './args.ts'
import { CliError } from './cli-error.ts'
import type { OptionTable } from './command.ts'

const table = {
  port: { type: 'integer', short: 'p', value: 'PORT', min: 1, max: 65_535, description: 'A port.' },
  path: { type: 'list', description: 'Prefixes.' },
  redact: { type: 'boolean', description: 'Redact.' },
  duration: { type: 'duration', description: 'How long.' },
  rate: { type: 'ratio', description: 'A rate.' },
  reporter: { type: 'list', choices: ['pretty', 'json'], description: 'Reporters.' },
} as const satisfies OptionTable

const failure = (words: string[]) => {
  try {
    parseCommandLine(words, table)
  } catch (error) {
    if (error instanceof CliError) return `${error.code}: ${error.message} ${error.hint ?? ''}`.trim()
    throw error
  }
  throw new Error('expected a failure')
}

test('options are read by type, and what follows -- is passed on untouched', () => {
  const words = [
    '-p',
    '8000',
    '--path',
    '/api,/v2',
    '--path=/x',
    '--no-redact',
    '--duration',
    '1m30s',
    '--',
    'npm',
    '--port',
    'x',
  ]
  expect(parseCommandLine(words, table)).toEqual({
    options: { port: 8000, path: ['/api', '/v2', '/x'], redact: false, duration: 90_000 },
    positionals: [],
    rest: ['npm', '--port', 'x'],
  })
})

test('a pass rate may be written as a fraction or as a percentage', () => {
  expect(parseCommandLine(['--rate', '0.8'], table).options).toEqual({ rate: 0.8 })
  expect(parseCommandLine(['--rate', '80%'], table).options).toEqual({ rate: 0.8 })
})

test.each([
  [['--prot', '1'], 'KEPLOY_UNKNOWN_OPTION: There is no option --prot. Did you mean --port?'],
  [['--port'], 'KEPLOY_BAD_OPTION: --port needs a value (PORT).'],
  [['--port', '70000'], 'KEPLOY_BAD_OPTION: --port is a whole number from 1 to 65535, and got "70000".'],
  [['--port', '80x'], 'KEPLOY_BAD_OPTION: --port is a whole number from 1 to 65535, and got "80x".'],
  [['--rate', '120%'], 'KEPLOY_BAD_OPTION: --rate is a number from 0 to 1, and got "120%".'],
  [['--duration', 'soon'], 'KEPLOY_BAD_OPTION: --duration is a duration such as 30s, 2m or 500ms, and got "soon".'],
  [['--reporter', 'jsn'], 'KEPLOY_BAD_OPTION: --reporter is one of pretty, json, and got "jsn". Did you mean json?'],
  [['--redact=yes'], 'KEPLOY_BAD_OPTION: --redact takes no value, and got "yes".'],
  [['npm'], 'KEPLOY_USAGE: Did not expect "npm" here. A command to run stands behind --, for example: -- npm start'],
  [['--no-port'], 'KEPLOY_UNKNOWN_OPTION: There is no option --no-port. Did you mean --port?'],
])('%j is refused with a sentence that helps', (words, message) => {
  expect(failure(words)).toBe(message)
})
