import { expect, test } from 'vitest'

import packageJson from '../package.json' with { type: 'json' }
import { commandTable } from './commands/table.ts'
import { runInMemory } from './testing/run-in-memory.ts'

test('--version prints the version', async () => {
  expect(await runInMemory(['--version'])).toEqual({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' })
})

test('--version works behind a command too, because keploy-test puts its command in front', async () => {
  expect((await runInMemory(['test', '--version'])).stdout).toBe(`${packageJson.version}\n`)
})

test('a folder of sets that is not there is nothing to run', async () => {
  const { code, stderr } = await runInMemory(['test', '--dir', 'no-such-folder'])
  expect(code).toBe(4)
  expect(stderr).toContain('no-such-folder')
})

test('the overview fits 80 columns', async () => {
  const { stdout } = await runInMemory(['--help'])
  for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
})

test('what is on by default is shown as it is switched off', async () => {
  expect((await runInMemory(['record', '--help'])).stdout).toMatch(/--no-redact +Write passwords/)
})

test('without a command the overview goes to standard error, and the exit code says so', async () => {
  const { code, stdout, stderr } = await runInMemory([])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  for (const { name } of commandTable) expect(stderr).toContain(`  ${name} `)
})

test('an unknown command is refused with the nearest one', async () => {
  const { code, stderr } = await runInMemory(['reocrd'])
  expect(code).toBe(2)
  expect(stderr).toBe('error: There is no command "reocrd". [KEPLOY_UNKNOWN_COMMAND]\n  Did you mean record?\n')
})

test('with --json an error is data', async () => {
  const { code, stderr } = await runInMemory(['test', '--json', '--prot', '1'])
  expect(JSON.parse(stderr)).toEqual({
    error: {
      code: 'KEPLOY_UNKNOWN_OPTION',
      message: 'There is no option --prot.',
      hint: 'Did you mean --port?',
      exitCode: 2,
    },
  })
  expect(code).toBe(2)
})

test.each(commandTable.map(({ name }) => name))('%s --help fits 80 columns', async (name) => {
  const { code, stdout } = await runInMemory([name, '--help'])
  expect(code).toBe(0)
  expect(stdout).toContain(`Usage: keploy-framework ${name}`)
  for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80)
})
