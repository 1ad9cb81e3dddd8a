/** A part of a text that is to be replaced. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Replaces parts of a text and leaves the rest as it is. Parts must not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = ''
  let at = 0
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return result + text.slice(at)
}
