import { expect, it } from 'vitest'

import { httpTest } from '../testing/http-test.ts'
import { renderTest } from './render-test.ts'

const recorded = httpTest('page', { method: 'POST', body: '<p>{{ .Title }}</p>' })

it('braces that happened to be recorded are text where a set has no templates', () => {
  const { test, missing } = renderTest(
    recorded,
    () => undefined,
    (name) => !name.startsWith('secret.'),
  )
  expect(missing).toEqual([])
  expect(test.request.body).toEqual({ type: 'text', text: '<p>{{ .Title }}</p>' })
})

it('a template without a value is missing where a set has templates', () => {
  expect(renderTest(recorded, () => undefined).missing).toEqual(['Title'])
})
