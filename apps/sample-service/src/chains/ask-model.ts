import { z } from 'zod'

import { PoisonError } from '../bus/errors.ts'
import { AnswerFormatError, readAnswer, type AnswerFormat } from '../model/answer-format.ts'
import type { ChatAnswer, ChatMessage, ChatModel } from '../model/chat-model.ts'
import { assertFits, ContextOverflowError } from '../model/context-window.ts'
import { toolsOf, type Persona } from '../personas/persona.ts'
import type { Tool } from '../tools/tool.ts'
import { steerTools } from '../ui-state/steer-tools.ts'
import type { Steering } from '../ui-state/steering.ts'

/** How many rounds of tools a chain has at most. */
export const MAX_STEPS = 10

export interface AskOptions {
  model: ChatModel
  persona: Persona
  tools: ReadonlyMap<string, Tool>
  messages: readonly ChatMessage[]
  step: number
  /** What the user saw when they asked. */
  steering: Steering | null
}

/** The model asks for tools, or it has an answer, or there will not be one; `message` is then for the user. */
export type Thought = { answer: ChatAnswer; result?: unknown } | { failure: { error_code: string; message: string } }

/**
 * Asks the model what comes next.
 *
 * @throws UnavailableError when it cannot be reached: the same question is asked again later
 */
export async function askModel({ model, persona, tools, messages, step, steering }: AskOptions): Promise<Thought> {
  // After the last round there is nothing left but to answer.
  const offered = step < MAX_STEPS ? steerTools(toolsOf(persona, tools).map(describe), steering) : []
  let answer: ChatAnswer
  try {
    assertFits({ messages, tools: offered })
    answer = await model.complete({
      messages,
      tools: offered,
      temperature: persona.temperature,
      format: persona.format,
    })
  } catch (error) {
    if (error instanceof ContextOverflowError) return failure(error.code, error.message)
    if (error instanceof PoisonError) return failure('MODEL_REFUSED', error.message)
    throw error
  }
  if (answer.tool_calls.length > 0) {
    return step < MAX_STEPS
      ? { answer }
      : failure('TOO_MANY_STEPS', `There is no answer after ${MAX_STEPS} rounds of tools.`)
  }
  if (answer.filtered) return failure('ANSWER_FILTERED', 'The model withheld its answer.')
  if (answer.content.trim() === '') return failure('ANSWER_EMPTY', 'The model answered with an empty text.')
  return persona.format ? formatted(persona.format, answer) : { answer }
}

/** An answer in its form: the conversation shows the summary of it. */
function formatted(format: AnswerFormat, answer: ChatAnswer): Thought {
  try {
    const result = readAnswer(format, answer.content) as { summary: string }
    return { answer: { ...answer, content: result.summary }, result }
  } catch (error) {
    if (error instanceof AnswerFormatError) return failure('ANSWER_INVALID', error.message)
    throw error
  }
}

const failure = (error_code: string, message: string): Thought => ({ failure: { error_code, message } })

const described = new WeakMap<Tool, { name: string; description: string; parameters: object }>()

function describe(tool: Tool) {
  let known = described.get(tool)
  if (!known) {
    const { $schema: _, ...parameters } = z.toJSONSchema(tool.args, { io: 'input' })
    known = { name: tool.name, description: tool.description, parameters }
    described.set(tool, known)
  }
  return known
}
