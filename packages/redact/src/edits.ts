/** A range of a text that goes, and what stands there instead. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * Applies edits that may overlap. Where two do, the one that starts first stays (the longer one of two that start
 * together); what a later one covers beyond it goes too, so that no rest of a secret is left.
 */
export function applyEdits(text: string, edits: Edit[]): string {
  if (edits.length > 1) edits.sort((a, b) => a.start - b.start || b.end - a.end)
  let result = ''
  let done = 0
  for (const edit of edits) {
    if (edit.start >= done) {
      result += text.slice(done, edit.start) + edit.text
      done = edit.end
    } else if (edit.end > done) {
      result += edit.text
      done = edit.end
    }
  }
  return result + text.slice(done)
}
