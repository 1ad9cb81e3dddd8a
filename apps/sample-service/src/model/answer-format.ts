import { z } from 'zod'

import type { ChatAnswer, ChatMessage } from './chat-model.ts'

/** JSON that a model is to answer with. */
export interface AnswerFormat<Schema extends z.ZodType = z.ZodType> {
  /** Letters, digits, `_` and `-`. */
  name: string
  schema: Schema
  /** What the local deterministic model answers, because it cannot think of anything itself. */
  standIn(messages: readonly ChatMessage[]): Partial<ChatAnswer>
}

/** An answer that is not what the model was asked for. */
export class AnswerFormatError extends Error {
  override readonly name = 'AnswerFormatError'
}

/**
 * The answer of a model in its format. Text around the JSON, such as a code fence, is looked past: models like to add it.
 *
 * @throws AnswerFormatError
 */
export function readAnswer<Schema extends z.ZodType>(format: AnswerFormat<Schema>, content: string): z.output<Schema> {
  const json = content.slice(content.indexOf('{'), content.lastIndexOf('}') + 1)
  try {
    return format.schema.parse(JSON.parse(json))
  } catch (error) {
    throw new AnswerFormatError(`The model did not answer in the form ${format.name}.`, { cause: error })
  }
}

/** The format as OpenAI-compatible endpoints are told of it. */
export function responseFormat({ name, schema }: AnswerFormat): object {
  const { $schema: _, ...described } = z.toJSONSchema(schema)
  return { type: 'json_schema', json_schema: { name, schema: described } }
}
