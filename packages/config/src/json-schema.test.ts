import { expect, it } from 'vitest'

import { configJsonSchema, schemaAt } from './json-schema.ts'

it('is what the committed file says; `vitest -u` writes it anew', async () => {
  await expect(`${JSON.stringify(configJsonSchema(), null, 2)}\n`).toMatchFileSnapshot('../schema/keploy.schema.json')
})

it('knows what stands at a path, through lists and maps of any name', () => {
  expect(schemaAt(['menu', 'entries', 0, 'title'])?.type).toBe('string')
  expect(schemaAt(['sets', 'any name', 'beforeSet'])?.type).toBe('string')
  expect(schemaAt(['test', 'unknown', 'deeper'])).toBeUndefined()
})
