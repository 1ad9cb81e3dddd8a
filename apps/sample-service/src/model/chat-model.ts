import type { AnswerFormat } from './answer-format.ts'

/** A call of a tool that a model asks for. `arguments` is the text that it wrote, which need not be JSON. */
export interface ChatToolCall {
  id: string
  name: string
  arguments: string
}

export type ChatMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; tool_calls?: ChatToolCall[] }
  | { role: 'tool'; tool_call_id: string; content: string }

/** A tool as the model is told of it; `parameters` is a JSON Schema. */
export interface ChatTool {
  name: string
  description: string
  parameters: object
}

export interface ChatRequest {
  messages: readonly ChatMessage[]
  temperature: number
  /** Which model of the endpoint. Default: the one of the settings. */
  model?: string
  /** Default: none. */
  tools?: readonly ChatTool[]
  /** Default: text. Whether the answer keeps to it, `readAnswer` finds out. */
  format?: AnswerFormat | undefined
}

export interface ChatAnswer {
  content: string
  tool_calls: ChatToolCall[]
  /** Whether the model withheld the answer, or part of it. */
  filtered: boolean
}

/** A language model that is asked for one whole answer, and may ask for tools instead. */
export interface ChatModel {
  /** For people. */
  readonly name: string
  /** Whether it only stands in for a model. Default: false. */
  readonly simulated?: boolean
  /**
   * @throws UnavailableError when the model cannot be reached or is overloaded, also after retries
   * @throws PoisonError when it refuses this conversation, whoever asks again
   */
  complete(request: ChatRequest): Promise<ChatAnswer>
}
