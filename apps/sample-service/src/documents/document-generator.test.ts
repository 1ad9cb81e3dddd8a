import { faults, MockOpenAIBuilder, type LlmServer } from '@keploy-framework/llm'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { openAiChatModel } from '../model/openai-chat-model.ts'
import { DocumentGenerator, type DocumentRequest, type Segment } from './document-generator.ts'

let llm: LlmServer
let generator: DocumentGenerator
const generatorWith = (timeoutMs: number) =>
  new DocumentGenerator(
    openAiChatModel({ baseUrl: llm.baseUrl, apiKey: 'k', model: 'gpt-4o', backoffMs: 1, timeoutMs }),
  )
beforeAll(async () => {
  llm = await new MockOpenAIBuilder().start()
  generator = generatorWith(20_000)
})
afterAll(() => llm.close())

const request = (fields: Partial<DocumentRequest> = {}): DocumentRequest => ({
  template: '# {{clientName}}, {{date}}\n\n{{practitionerName}}',
  transcript: [{ speaker: 'client', text: 'Hello.' }],
  values: { clientName: 'Zoë Müller', date: '2026-01-12', practitionerName: '山田 花子' },
  ...fields,
})
const segments = (count: number, text = 'And then?'): Segment[] =>
  Array.from({ length: count }, (_, nth) => ({ speaker: nth % 2 ? 'client' : 'practitioner', text: `${nth}: ${text}` }))
const asked = () => llm.requests.at(-1)!.messages.map(({ role, text }) => `${role}: ${text}`)

test('an empty transcript gives the filled template, and no model is asked', async () => {
  const before = llm.requests.length
  await expect(generator.generate(request({ transcript: [] }))).resolves.toEqual({
    content: '# Zoë Müller, 2026-01-12\n\n山田 花子',
    model: null,
  })
  expect(llm.requests).toHaveLength(before)
})

test.each([1, 100, 151, 500])('%d segments reach the model, all of them and in order', async (count) => {
  llm.chat.once('# Zoë Müller, 2026-01-12\n\nShe spoke. {{practitionerName}}')
  const { content } = await generator.generate(request({ transcript: segments(count) }))
  expect(content).toBe('# Zoë Müller, 2026-01-12\n\nShe spoke. 山田 花子')
  const [, prompt] = asked()
  expect(prompt).toContain('Template:\n# Zoë Müller, 2026-01-12\n\n山田 花子')
  const numbers = Array.from(prompt!.matchAll(/^(?:practitioner|client): (\d+):/gm), ([, nth]) => Number(nth))
  expect(numbers).toEqual(Array.from({ length: count }, (_, nth) => nth))
})

test('a refinement tells the model what there is and what is wished, a regeneration asks anew', async () => {
  llm.chat.once('First draft, long enough.', 'Second draft.', 'Shorter.')
  const first = await generator.generate(request())
  await expect(generator.generate(request())).resolves.toMatchObject({ content: 'Second draft.' })
  expect(asked()).toHaveLength(2)
  const refined = await generator.generate(request({ refine: { content: first.content, wish: 'Make it shorter.' } }))
  expect(refined.content).toBe('Shorter.')
  expect(asked().slice(2)).toEqual(['assistant: First draft, long enough.', 'user: Make it shorter.'])
})

test('documents that are generated at once do not mix', async () => {
  const names = Array.from({ length: 20 }, (_, nth) => `Client ${nth};`)
  for (const name of names) llm.chat.once({ match: { contains: name }, reply: `Document about ${name}` })
  const documents = await Promise.all(
    names.map((clientName) =>
      generator.generate(request({ values: { clientName, date: '2026-01-12', practitionerName: 'Ada' } })),
    ),
  )
  expect(documents.map(({ content }) => content)).toEqual(names.map((name) => `Document about ${name}`))
})

test.each([
  ['empty', faults.empty(), 'DOCUMENT_EMPTY'],
  ['filtered', faults.contentFilter(), 'DOCUMENT_FILTERED'],
  ['refused', faults.status(400), 'DOCUMENT_REFUSED'],
])('an answer that is %s is %s', async (_name, fault, code) => {
  llm.chat.once(fault)
  await expect(generator.generate(request())).rejects.toMatchObject({ code })
})

test('a failure that passes is not noticed, and silence ends at the time limit', async () => {
  llm.chat.once(faults.rateLimit(), faults.serverError(), 'There it is.')
  await expect(generator.generate(request())).resolves.toMatchObject({ content: 'There it is.' })
  llm.chat.times(3, faults.timeout())
  await expect(generatorWith(50).generate(request())).rejects.toMatchObject({ code: 'DOCUMENT_UNAVAILABLE' })
})

test('a transcript that no model can read is refused before it is sent', async () => {
  const before = llm.requests.length
  const long = segments(500, 'x'.repeat(1_200))
  await expect(generator.generate(request({ transcript: long }))).rejects.toMatchObject({ code: 'CONTEXT_OVERFLOW' })
  expect(llm.requests).toHaveLength(before)
})
