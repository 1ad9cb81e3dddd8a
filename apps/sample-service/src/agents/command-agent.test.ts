import { access, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { AgentFailure, AgentRefusal } from './agent.ts'
import { readAgentsConfig } from './agents-config.ts'
import { commandAgent } from './command-agent.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agent-programs-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** An agent that is a real program: a script that Node runs. */
function agentOf(script: string, fields: object = {}, env: NodeJS.ProcessEnv = process.env, args: string[] = []) {
  const claude = { kind: 'command', command: [process.execPath, '-e', script, '--', ...args], cwd: folder, ...fields }
  const read = readAgentsConfig(JSON.stringify({ agents: { claude } }))
  if ('problems' in read || read.config.agents.claude?.kind !== 'command') throw new Error(JSON.stringify(read))
  return commandAgent('claude', read.config.agents.claude, env)
}

const forever = (): AbortSignal => new AbortController().signal
const ECHO = `process.stdin.on('data', (chunk) => process.stdout.write(chunk))`

test('the prompt goes to standard input, and standard output is the answer', async () => {
  const prompt = `Zoë 🎲 $(touch ${join(folder, 'owned')}); \`id\` "quoted"\n${'x'.repeat(300_000)}`
  const answer = await agentOf(ECHO).answer(prompt, forever())
  expect(answer).toMatchObject({ text: prompt, simulated: false, cost_usd: null, model: process.execPath })
  expect(answer.tokens).toEqual({
    input: Math.ceil(prompt.length / 4),
    output: Math.ceil(prompt.length / 4),
    estimated: true,
  })
})

test('no shell reads the arguments', async () => {
  const args = [`$(touch ${join(folder, 'owned')})`, '; touch owned', '*']
  const script = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'
  const { text } = await agentOf(script, {}, process.env, args).answer('', forever())
  expect(JSON.parse(text)).toEqual(args)
  await expect(access(join(folder, 'owned'))).rejects.toThrow('ENOENT')
})

test('JSON tells tokens and cost; a price counts where it does not', async () => {
  const usage = { input_tokens: 1200, output_tokens: 300 }
  const print = (value: object) => `process.stdout.write(${JSON.stringify(JSON.stringify(value))})`
  const told = print({ type: 'result', result: 'Done.', is_error: false, total_cost_usd: 0.42, usage, session_id: 's' })
  expect(await agentOf(told, { output: 'json' }).answer('p', forever())).toMatchObject({
    text: 'Done.',
    tokens: { input: 1200, output: 300, estimated: false },
    cost_usd: 0.42,
  })
  const price = { input_per_1k: 0.01, output_per_1k: 0.03 }
  const priced = await agentOf(print({ result: 'Done.', usage }), { output: 'json', price }).answer('p', forever())
  expect(priced.cost_usd).toBeCloseTo(0.021)
})

test.each([
  ['fails', 'console.error("no licence"); process.exit(3)', {}, 'ended with 3: no licence'],
  ['prints nothing', '', {}, 'printed nothing'],
  ['prints no JSON', 'console.log("hello")', { output: 'json' }, 'did not print the JSON that was expected'],
  ['prints too much', 'for (;;) console.log("x".repeat(1000))', { max_output_bytes: 5_000 }, 'more than 5000 bytes'],
])('a program that %s is an agent that failed', async (_what, script, fields, message) => {
  const error: unknown = await agentOf(script, fields)
    .answer('p', forever())
    .catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(AgentFailure)
  expect((error as Error).message).toContain(message)
})

test('a program that is not there is an agent that failed', async () => {
  const agent = agentOf('', { command: [join(folder, 'no-such-program')] })
  await expect(agent.answer('p', forever())).rejects.toThrow(/no-such-program cannot be run/)
})

test('an error that the program reports as its result is a refusal', async () => {
  const agent = agentOf(`console.log('{"result":"not that","is_error":true}')`, { output: 'json' })
  await expect(agent.answer('p', forever())).rejects.toThrow(AgentRefusal)
})

test('a program that is stopped takes along what it started', async () => {
  const script = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    require('node:fs').writeFileSync('pids', process.pid + ' ' + child.pid)
    setInterval(() => {}, 1000)`
  const stop = new AbortController()
  const answer = agentOf(script).answer('p', stop.signal)
  const pids = async () =>
    (await readFile(join(folder, 'pids'), 'utf8').catch(() => '')).split(' ').filter(Boolean).map(Number)
  await expect.poll(pids, { timeout: 30_000 }).toHaveLength(2)
  stop.abort()
  await expect(answer).rejects.toThrow('took too long')
  for (const pid of await pids()) {
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false)
  }
})

test('a program sees the variables that are named, and no keys of the platform', async () => {
  const script = 'process.stdout.write(JSON.stringify(process.env))'
  const env = {
    ...process.env,
    AGENT_KEY: 'for the agent',
    POSTGRES_DSN: 'postgres://secret',
    OPENAI_API_KEY: 'secret',
  }
  const { text } = await agentOf(script, { environment: ['AGENT_KEY'] }, env).answer('', forever())
  expect(JSON.parse(text)).toMatchObject({ AGENT_KEY: 'for the agent', PATH: process.env['PATH'] })
  expect(text).not.toContain('secret')
})

/** A process that has ended and was not yet waited for by its parent has ended, too. */
async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return status !== '' && !/\) [ZX]/.test(status)
}
