import { z } from 'zod'

import { idSchema } from '../schemas/id.ts'
import type { UiState } from './ui-state.ts'
import { valuesOf } from './ui-state.ts'

/** Which part of the user interface somebody looks at. */
export const pageTypes = [
  'dashboard',
  'clients',
  'sessions',
  'conversations',
  'templates',
  'documents',
  'calendar',
] as const
export type PageType = (typeof pageTypes)[number]

/** What of the state of a user interface steers the tools of an agent. It travels with the message that was said then. */
export interface Steering {
  page_type: PageType | null
  /** Ids of sessions of practitioners with clients, in the order in which they were loaded. */
  loaded_sessions: string[]
  /** The id of a template. */
  selected_template: string | null
}

const MAX_SESSIONS = 20

const pageType = z.enum(pageTypes).nullable().catch(null)
/** An id alone, or something that has one. */
const reference = (field: string) =>
  z.union([
    idSchema,
    z.object({ [field]: idSchema }).transform((value) => value[field] as string),
    z.object({ id: idSchema }).transform(({ id }) => id),
  ])
const template = reference('template_id').nullable().catch(null)
const session = reference('session_id')

/**
 * Reads the fields `page_type`, `loadedSessions` and `selectedTemplate`. What is not understood steers nothing; nothing else
 * of the state reaches an agent.
 *
 * @example
 * steeringOf({ replaced_at: 0, fields: { selectedTemplate: { at: 1, value: { id: 't1', name: 'Note' } } } })
 * // { page_type: null, loaded_sessions: [], selected_template: 't1' }
 */
export function steeringOf(state: UiState): Steering {
  const { page_type, loadedSessions, selectedTemplate } = valuesOf(state)
  const loaded = Array.isArray(loadedSessions) ? loadedSessions : []
  const sessions = loaded.flatMap((value) => session.safeParse(value).data ?? [])
  return {
    page_type: pageType.parse(page_type ?? null),
    loaded_sessions: [...new Set(sessions)].slice(-MAX_SESSIONS),
    selected_template: template.parse(selectedTemplate ?? null),
  }
}
