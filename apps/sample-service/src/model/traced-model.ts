import { failSpan, startModelSpan } from '../telemetry/model-span.ts'
import type { ChatModel } from './chat-model.ts'
import type { LanguageModel } from './language-model.ts'

/** Makes a span of each answer of a model, from the question to the last piece. */
export function tracedModel(model: LanguageModel): LanguageModel {
  return {
    name: model.name,
    async *answer(messages) {
      const span = startModelSpan(model.name)
      try {
        yield* model.answer(messages)
      } catch (error) {
        failSpan(span, error)
        throw error
      } finally {
        span.end()
      }
    },
  }
}

/** The same for a model that is asked for whole answers. */
export function tracedChatModel(model: ChatModel): ChatModel {
  return {
    ...model,
    async complete(request) {
      const span = startModelSpan(model.name)
      try {
        const answer = await model.complete(request)
        span.setAttribute('chat.tool_calls', answer.tool_calls.length)
        return answer
      } catch (error) {
        failSpan(span, error)
        throw error
      } finally {
        span.end()
      }
    },
  }
}
