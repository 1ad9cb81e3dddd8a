import { pino } from 'pino'
import { expect, test } from 'vitest'

import { readSettings } from '../config/settings.ts'
import { createContainer } from '../container/container.ts'
import { defaultParts, type Parts } from '../platform-parts.ts'

function partsOf(env: NodeJS.ProcessEnv) {
  const read = readSettings(env)
  if ('problems' in read) throw new Error(read.problems.join('\n'))
  return createContainer<Parts>(defaultParts(read.settings, pino({ level: 'silent' }), []))
}

const OPENAI_BASE_URL = 'http://127.0.0.1:1/v1'

test.each([
  [{}, 'local deterministic model', true],
  [{ OPENAI_BASE_URL }, 'local deterministic model', true],
  [{ OPENAI_SAFETY_MODEL: 'gpt-4o-mini' }, 'local deterministic model', true],
  [
    { OPENAI_BASE_URL, OPENAI_MODEL: 'gpt-4o', OPENAI_SAFETY_MODEL: 'gpt-4o-mini' },
    'gpt-4o-mini at 127.0.0.1:1',
    false,
  ],
])('with %j messages are judged by %s', async (env, name, simulated) => {
  await using parts = partsOf(env)
  const model = await parts.get('safetyModel')
  expect([model.name, model.simulated ?? false]).toEqual([name, simulated])
})

test('API keys are not taken where they would outlive what encrypts them', async () => {
  await using parts = partsOf({ POSTGRES_DSN: 'postgres://127.0.0.1:1/none' })
  await expect(parts.get('apiKeys')).resolves.toBeUndefined()
})
