/** A JSON object whose fields are not known. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Whether a value is a JSON object: no array, not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The array that a field holds, or an empty one. */
export function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

/** The text of a value, when it is text. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The number of a value, when it is a finite one. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** A text of one line, cut in the middle where it is longer than `limit` characters. */
export function brief(text: string, limit = 160): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line.length <= limit) return line
  const half = Math.floor((limit - 3) / 2)
  return `${line.slice(0, half)} … ${line.slice(-half)}`
}

/** The reason that an error gives, in one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // Node wraps a failed connection to several addresses in an error without a message.
  const inner = error.cause instanceof Error ? error.cause : undefined
  return [error.message, inner?.message].filter((text) => text !== undefined && text !== '').join(': ') || error.name
}
