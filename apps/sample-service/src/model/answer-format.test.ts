import { expect, test } from 'vitest'
import { z } from 'zod'

import { AnswerFormatError, readAnswer } from './answer-format.ts'
import { localChatModel } from './local-chat-model.ts'

const format = {
  name: 'sum',
  schema: z.object({ sum: z.number() }),
  standIn: () => ({ content: '{"sum":3}' }),
}

test.each([['{"sum":3}'], ['```json\n{"sum":3}\n```'], ['Here it is: {"sum": 3, "more": true}. Ask me anything.']])(
  '%j is read',
  (content) => {
    expect(readAnswer(format, content)).toEqual({ sum: 3 })
  },
)

test.each([[''], ['three'], ['{"sum":"3"}'], ['{"sum":3'], ['}{'], ['[3]']])('%j is no answer', (content) => {
  expect(() => readAnswer(format, content)).toThrow(AnswerFormatError)
})

test('the local deterministic model says what it is, and keeps to a form', async () => {
  const messages = [{ role: 'user', content: 'Add!' }] as const
  const { content } = await localChatModel.complete({ messages, temperature: 0, format })
  expect(readAnswer(format, content)).toEqual({ sum: 3 })
  await expect(localChatModel.complete({ messages, temperature: 0 })).resolves.toMatchObject({
    content: 'This is the local deterministic model, not a language model. Message 1 of this session reads: Add!',
  })
})
