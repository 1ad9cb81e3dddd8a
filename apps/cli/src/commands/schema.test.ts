import { expect, test } from 'vitest'

import { runInMemory } from '../testing/run-in-memory.ts'

test('schema prints the JSON Schema of keploy.yml', async () => {
  const { code, stdout } = await runInMemory(['schema'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ type: 'object', properties: { test: {} } })
})
