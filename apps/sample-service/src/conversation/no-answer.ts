import { PoisonError } from '../bus/errors.ts'
import type { ConversationEvent } from '../events/conversation-event.ts'
import { derivedId } from '../events/derived-id.ts'
import { ContextOverflowError } from '../model/context-window.ts'
import { AnswerFilteredError } from '../model/language-model.ts'

/** Why a message has no answer; `message` is for the user. */
export interface NoAnswerReason {
  error_code: string
  message: string
}

/** What a user gets in place of an answer. It is no part of what the model is told later. */
export function noAnswer(asked: ConversationEvent, { error_code, message }: NoAnswerReason): ConversationEvent {
  return {
    event_id: derivedId('answer', asked.event_id),
    session_id: asked.session_id,
    role: 'system',
    message,
    attachments: [],
    metadata: { in_reply_to: asked.event_id, error_code },
    persona_id: asked.persona_id,
  }
}

/** The reason in an error after which asking again would not help; undefined for any other. */
export function finalReason(error: unknown): NoAnswerReason | undefined {
  if (error instanceof ContextOverflowError) return { error_code: error.code, message: error.message }
  if (error instanceof AnswerFilteredError) return { error_code: 'ANSWER_FILTERED', message: error.message }
  if (error instanceof PoisonError) return { error_code: 'MODEL_REFUSED', message: error.message }
  return undefined
}

export const emptyAnswer: NoAnswerReason = {
  error_code: 'ANSWER_EMPTY',
  message: 'The model answered with an empty text.',
}
