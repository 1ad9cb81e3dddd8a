import type { UserRole } from '../auth/user.ts'

/** For whom something is done at the upstream: who speaks, and what proves it. */
export interface Caller {
  tenant: string
  id: string
  role: UserRole
  /** The value of `Authorization`, sealed (see `TokenSeal`), so that it can wait in tables and topics. Null without one. */
  sealed_authorization: string | null
}

/** Requests of practitioners say whose profile they are made with; those of clients say nothing of the kind. */
export function profileHeaders({ role, id }: Pick<Caller, 'role' | 'id'>): Record<string, string> {
  return role === 'practitioner' ? { ProfileID: encodeURIComponent(id) } : {}
}
