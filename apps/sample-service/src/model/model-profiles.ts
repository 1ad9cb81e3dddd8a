import type { Query } from '../database/database.ts'
import type { ChatModel } from './chat-model.ts'

/** What an operator sets for the model of a persona. Null: as the settings and the persona have it. */
export interface ModelProfile {
  /** As the endpoint calls it: `gpt-4o`. */
  model: string | null
  /** From 0 to 2. */
  temperature: number | null
}

/**
 * The profile of a persona in the table `model_profiles`, which is empty at first. It is read before each question, so
 * that a change needs no restart.
 */
export async function findModelProfile(query: Query, persona_id: string): Promise<ModelProfile | undefined> {
  return query
    .selectFrom('model_profiles')
    .select(['model', 'temperature'])
    .where('persona_id', '=', persona_id)
    .executeTakeFirst()
}

/** A model that is asked as a profile says, whatever a request says. */
export function withProfile(chatModel: ChatModel, profile: ModelProfile | undefined): ChatModel {
  if (!profile) return chatModel
  const { model, temperature } = profile
  const set = { ...(model !== null && { model }), ...(temperature !== null && { temperature }) }
  return {
    ...chatModel,
    // What only stands in for a model is the same by any name.
    name: chatModel.simulated ? chatModel.name : (model ?? chatModel.name),
    complete: (request) => chatModel.complete({ ...request, ...set }),
  }
}
