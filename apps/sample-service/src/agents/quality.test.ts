import { expect, test } from 'vitest'

import { localAgent } from './local-agent.ts'
import { qualityOf } from './quality.ts'

const PROMPT = 'Review the login form for injection'

test('an answer that keeps all rules scores 1', () => {
  expect(qualityOf('The login form builds its query from text: use parameters.', PROMPT)).toEqual({
    score: 1,
    broken: [],
  })
})

test.each([
  ['Yes, login.', 'has substance'],
  ['I cannot help with the review of that login form.', 'takes the task on'],
  ['Dear {{name}}, the login form is safe enough.', 'leaves no gaps to fill'],
  ['The login form has three problems, namely,', 'is complete'],
  ['The login form:\n```js\nquery(text)', 'is complete'],
  ['Paris is the capital of France, as everybody knows.', 'speaks of the task'],
])('one broken rule is below the threshold: %s', (answer, rule) => {
  const { score, broken } = qualityOf(answer, PROMPT)
  expect(broken).toContain(rule)
  expect(score).toBeLessThan(0.85)
})

test('an empty answer scores 0', () => {
  expect(qualityOf(' \n', PROMPT).score).toBe(0)
})

test('the stand-in keeps the rules, says what it is, and costs nothing', async () => {
  const answer = await localAgent('claude').answer(PROMPT, new AbortController().signal)
  expect(answer).toMatchObject({ simulated: true, cost_usd: 0, model: 'local deterministic model' })
  expect(answer.text).toContain('not a language model')
  expect(qualityOf(answer.text, PROMPT).score).toBe(1)
  await expect(localAgent('claude').answer(PROMPT, new AbortController().signal)).resolves.toEqual(answer)
})
