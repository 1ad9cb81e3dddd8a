import type { UserKey } from '../auth/user.ts'
import type { UiState } from './ui-state.ts'

/** Whose state, in which session. The same session of another user is another state. */
export interface UiStateKey {
  user: UserKey
  session_id: string
}

/**
 * States of user interfaces, each kept for 24 hours after its last change. Every implementation passes
 * `test/contracts/ui-state.ts`.
 */
export interface UiStateStore extends AsyncDisposable {
  readonly kind: 'Redis' | 'in-memory UI state'
  /** Merges a state with the one that is kept, in one step, and resolves with what both make. */
  merge(key: UiStateKey, state: UiState): Promise<UiState>
  /** Empty when nothing is known. */
  read(key: UiStateKey): Promise<UiState>
  /** Rejects when the store does not answer. */
  ping(): Promise<void>
}

/** The name of a state, which no other user and session has. */
export const nameOf = ({ user, session_id }: UiStateKey): string =>
  `ui-state:${[user.tenant, user.id, session_id].map(encodeURIComponent).join(':')}`
