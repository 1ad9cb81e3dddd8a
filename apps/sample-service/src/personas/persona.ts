import type { AnswerFormat } from '../model/answer-format.ts'
import type { Tool } from '../tools/tool.ts'

/** Who the assistant is in a session: how it speaks, and what it can do. */
export interface Persona {
  readonly id: string
  /** For people. */
  readonly name: string
  readonly instructions: string
  /** How freely the model chooses its words, 0 to 2. */
  readonly temperature: number
  /** Names of its tools, or every tool that there is. It never runs another one, whatever the model asks for. */
  readonly tools: readonly string[] | 'all'
  /** The form of its answers. Default: text. Answers in a form have a `summary`, which is what the conversation shows. */
  readonly format?: AnswerFormat
}

/** Tools that need no persona: they touch nothing. */
const HARMLESS = new Set(['echo'])

/**
 * Whether a tool may run for a persona. Without a persona only harmless ones may, and for one that nobody knows none.
 *
 * @example
 * mayRun(personas, 'jaimee_therapist', 'delete_document') // false
 */
export function mayRun(personas: ReadonlyMap<string, Persona>, persona_id: string | null, tool_name: string): boolean {
  if (persona_id === null) return HARMLESS.has(tool_name)
  const persona = personas.get(persona_id)
  return persona !== undefined && (persona.tools === 'all' || persona.tools.includes(tool_name))
}

/** The tools that a model is told of when it speaks as this persona. */
export function toolsOf(persona: Persona, tools: ReadonlyMap<string, Tool>): Tool[] {
  return [...tools.values()].filter(({ name }) => persona.tools === 'all' || persona.tools.includes(name))
}
