/** One field of the state of a user interface, and when it was set, in milliseconds since 1970. */
export interface UiField {
  at: number
  /** Anything that JSON can say. Null says that the field is gone. */
  value: unknown
}

/**
 * What the user interface of a session shows, field by field, each with its time: of two values of a field the newer one
 * counts, wherever and in whatever order they arrive.
 */
export interface UiState {
  /** When all of it was replaced for the last time; what is older is gone. 0 when that was never. */
  replaced_at: number
  fields: Readonly<Record<string, UiField>>
}

export const emptyUiState: UiState = { replaced_at: 0, fields: {} }

/** How long a state is kept after its last change. */
export const UI_STATE_TTL_MS = 24 * 60 * 60 * 1000

/**
 * Both states in one. The order does not matter, and merging again changes nothing, so that copies of a state that were
 * apart for a while become one again.
 *
 * @example
 * const early = { replaced_at: 0, fields: { page_type: { at: 1, value: 'clients' } } }
 * const late = { replaced_at: 0, fields: { page_type: { at: 2, value: 'documents' } } }
 * mergeUiStates(late, early).fields.page_type.value // 'documents'
 */
export function mergeUiStates(one: UiState, other: UiState): UiState {
  const replaced_at = Math.max(one.replaced_at, other.replaced_at)
  const fields = new Map<string, UiField>()
  for (const [name, field] of [...Object.entries(one.fields), ...Object.entries(other.fields)]) {
    if (field.at < replaced_at) continue
    const known = fields.get(name)
    if (!known || wins(field, known)) fields.set(name, field)
  }
  return { replaced_at, fields: Object.fromEntries(fields) }
}

/** Of two values of the same moment the one with the larger text counts: any rule does, if it is the same everywhere. */
function wins(field: UiField, known: UiField): boolean {
  if (field.at !== known.at) return field.at > known.at
  return Buffer.compare(Buffer.from(JSON.stringify(field.value)), Buffer.from(JSON.stringify(known.value))) > 0
}

/** When it was changed for the last time. */
export function changedAt({ replaced_at, fields }: UiState): number {
  return Math.max(replaced_at, ...Object.values(fields).map(({ at }) => at))
}

/** The values alone, as clients know them. */
export function valuesOf({ fields }: UiState): Record<string, unknown> {
  const present = Object.entries(fields).filter(([, { value }]) => value !== null)
  return Object.fromEntries(present.map(([name, { value }]) => [name, value]))
}
