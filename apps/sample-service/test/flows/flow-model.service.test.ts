/**
 * Segment: teams that let tests ask a real model
 * Goal: no surprise on the bill
 * Value: what a run may cost is said before, and what it did cost after
 * Impact: a month ends below its alert
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { MockOpenAIBuilder } from '@keploy-framework/llm'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openAiChatModel } from '../../src/model/openai-chat-model.ts'
import { openFlowModel } from './flow-model.ts'
import { spentThisMonth } from './month-ledger.ts'
import { casualWords, diagnosticLanguage, empatheticMarkers, professionalTerms } from './text-rules.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flows-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('with a key the real API is asked within its budget; costs and the month are told, in the summary of the job too', async () => {
  await using api = await new MockOpenAIBuilder().start()
  api.chat.once({ reply: { content: 'Yes.', usage: { prompt: 1_000_000, completion: 10 } } })
  const ledger = join(folder, 'ledger')
  const summary = join(folder, 'summary.md')
  await writeFile(ledger, `2020-01-01 500\n${new Date().toISOString().slice(0, 10)} 299.9\n`)
  const model = await openFlowModel({
    ENABLE_REAL_API_TESTS: 'true',
    OPENAI_API_KEY: 'sk-flows',
    OPENAI_BASE_URL: api.baseUrl,
    OPENAI_MODEL: 'gpt-4o',
    REAL_AI_BUDGET_USD: '2.6',
    REAL_AI_LEDGER: ledger,
    GITHUB_STEP_SUMMARY: summary,
  })
  expect(model).toMatchObject({ real: true, label: 'real, gpt-4o' })
  const chat = openAiChatModel({ baseUrl: model.env['OPENAI_BASE_URL']!, apiKey: 'none', model: 'gpt-4o', retries: 0 })
  const ask = () => chat.complete({ messages: [{ role: 'user', content: 'Is it real?' }], temperature: 0 })
  await expect(ask()).resolves.toMatchObject({ content: 'Yes.' })
  // 2.50 of 2.60 USD are spent, and the next answer may cost 0.16.
  await expect(ask()).rejects.toThrow(/budget/i)
  expect(api.requests.filter(({ endpoint }) => endpoint === 'chat')).toHaveLength(1)
  // What was refused fails the run, whatever became of its tests.
  await expect(model[Symbol.asyncDispose]()).rejects.toThrow('The budget of 2.60 USD does not allow this request')
  const told = await readFile(summary, 'utf8')
  expect(told).toContain('Flows of the platform: asked gpt-4o')
  expect(told).toMatch(/\| \*\*run\*\* \| \d \| 2\.50 USD \| 2\.50 USD \|/)
  expect(told).toContain('302.40 USD of 300.00 USD this month: look at what runs so often.')
})

test('without a key a test server plays the model, and says so', async () => {
  await using model = await openFlowModel({ OPENAI_API_KEY: 'sk-unused' })
  expect(model).toMatchObject({ real: false, label: 'simulated' })
})

test('without a ledger only this run is known', () => {
  expect(spentThisMonth(undefined, 0.5)).toBe(0.5)
})

test.each([
  ['The client reported progress; I recommend a follow-up session.', 4, 0],
  ['Hey dude, that is awesome stuff lol.', 0, 5],
])('the words of %j are told apart: %d professional, %d casual', (text, professional, casual) => {
  expect(professionalTerms(text).length).toBeGreaterThanOrEqual(professional)
  expect(casualWords(text)).toHaveLength(casual)
})

test.each([
  ['That sounds really hard. I hear you, and it makes sense that you are afraid.', true, false],
  ['You have depression, a disorder that I diagnose.', false, true],
  ['Take a walk.', false, false],
])('the tone of %j is told apart: empathetic %s, diagnostic %s', (text, empathetic, diagnostic) => {
  expect(empatheticMarkers(text).length >= 2).toBe(empathetic)
  expect(diagnosticLanguage(text).length > 0).toBe(diagnostic)
})
