/** One page of a list, and where the next one begins. */
export interface Page<Item> {
  items: Item[]
  /** Given to the next call as `before`; absent on the last page. */
  next: string | undefined
}

/**
 * Cuts what a query returned for `limit + 1` rows into a page: the row too many says that there is more. Positions are
 * keys and not counts, so that a page is the same whatever was added meanwhile.
 */
export function pageOf<Row extends { sequence: number }, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(toItem), next: rows.length > limit && last ? encodeCursor(last.sequence) : undefined }
}

/** What every cursor looks like, and nothing else: `s` and a number. */
export const CURSOR = /^s[0-9]{1,15}$/

/** A position as clients see it. */
export function encodeCursor(sequence: number): string {
  return `s${sequence}`
}

/** The position that a cursor means; undefined for text that is no cursor. */
export function decodeCursor(cursor: string): number | undefined {
  return CURSOR.test(cursor) ? Number(cursor.slice(1)) : undefined
}
