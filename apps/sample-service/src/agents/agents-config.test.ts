import { expect, test } from 'vitest'

import { defaultSettings } from '../platform.ts'
import { readAgentsConfig } from './agents-config.ts'
import { chooseAgent, taskTypes } from './choose-agent.ts'
import { makeAgents } from './make-agents.ts'

const read = (config: object) => {
  const result = readAgentsConfig(JSON.stringify(config))
  if ('problems' in result) throw new Error(result.problems.join('\n'))
  return result.config
}

test('without a word the numbers are those of the requirement', () => {
  expect(read({})).toMatchObject({
    agents: {},
    breaker: { threshold: 5, reset_ms: 60_000 },
    quality: { threshold: 0.85, retries: 2 },
  })
})

test('what is wrong is named by its path', () => {
  const text = JSON.stringify({
    agents: {
      claude: { kind: 'command', command: [] },
      gemini: { kind: 'endpoint', base_url: 'file:///etc', model: 'm' },
    },
    breaker: { threshold: 0 },
    qualty: {},
  })
  const { problems } = readAgentsConfig(text) as { problems: string[] }
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    'agents.claude.command.0',
    'agents.gemini.base_url',
    'breaker.threshold',
    'the whole',
  ])
  expect(readAgentsConfig('{')).toEqual({ problems: ['is not JSON'] })
})

test("an agent without its key is stood in for, one with it is not, and the platform's model serves the rest", () => {
  const endpoint = { kind: 'endpoint', base_url: 'http://127.0.0.1:1/v1/', model: 'm', api_key_env: 'KEY' }
  const config = read({ agents: { claude: endpoint, copilot: { kind: 'local' } } })
  const openai = { baseUrl: 'http://127.0.0.1:2/v1', apiKey: undefined, model: 'own' }
  const describe = (env: NodeJS.ProcessEnv) =>
    [...makeAgents({ config, openai, env }).values()].map(({ agent }) => agent.description)
  expect(describe({})).toEqual(['local deterministic model', 'own at 127.0.0.1:2', 'local deterministic model'])
  expect(describe({ KEY: 'k' })[0]).toBe('m at 127.0.0.1:1')
  const { openai: none } = defaultSettings()
  expect(
    [...makeAgents({ config: read({}), openai: none, env: {} }).values()].every(({ agent }) => agent.simulated),
  ).toBe(true)
})

test('agents are chosen by type, then in the order claude, gemini, copilot, each once', () => {
  const order = (type: (typeof taskTypes)[number]) => {
    const tried = new Set<NonNullable<ReturnType<typeof chooseAgent>>>()
    for (let next = chooseAgent(type, tried); next; next = chooseAgent(type, tried)) tried.add(next)
    return [...tried]
  }
  expect(Object.fromEntries(taskTypes.map((type) => [type, order(type)]))).toEqual({
    security: ['claude', 'gemini', 'copilot'],
    simple: ['gemini', 'claude', 'copilot'],
    general: ['claude', 'gemini', 'copilot'],
    code: ['copilot', 'claude', 'gemini'],
  })
})
