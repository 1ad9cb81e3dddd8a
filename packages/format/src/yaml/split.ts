/** One document of a file: a slice of its text. All slices in order are the whole file. */
export interface TextSlice {
  readonly text: string
  /** Where the document proper begins in `text`: what stands before is left over from empty documents. */
  readonly body: number
  /** Where it ends: what stands behind is left over from empty documents at the end of the file. */
  readonly end: number
  /** The line of the file on which the slice begins, counted from 1. */
  readonly line: number
  /** Where the slice begins in the file, in UTF-16 units. */
  readonly offset: number
}

const newline = 10

/**
 * Cuts a YAML stream into its documents without parsing it. A line that begins with `---` or `...` in column 0 is a
 * marker wherever it stands (YAML forbids it inside block, quoted and flow content), so finding them is enough. What
 * stands between documents (comments, empty documents, directives) goes with the one that follows, at the end of the
 * file with the one before; so no character is lost.
 */
export function splitDocuments(text: string): TextSlice[] {
  const slices: TextSlice[] = []
  const markers = new MarkerFinder(text)
  let start = 0
  let body = 0
  let line = 1
  const cut = (end: number): boolean => {
    if (!hasContent(text, body, end)) return false
    slices.push({ text: text.slice(start, end), body: body - start, end: end - start, line, offset: start })
    line += countLines(text, start, end)
    start = end
    body = end
    return true
  }
  for (let at = markers.next(0); at !== -1; at = markers.next(endOfLine(text, at))) {
    if (text.charCodeAt(at) === 46) {
      // A document ends after the line of `...`.
      if (!cut(endOfLine(text, at))) body = endOfLine(text, at)
    } else if (!cut(at) && !hasDirective(text, body, at)) {
      body = at
    }
  }
  if (start < text.length && !cut(text.length)) {
    const last = slices.pop()
    if (last !== undefined) slices.push({ ...last, text: text.slice(last.offset) })
  }
  return slices
}

/** Finds document markers from front to back; each place of the text is looked at once. */
class MarkerFinder {
  readonly #text: string
  #dashes = -2
  #dots = -2

  constructor(text: string) {
    this.#text = text
  }

  /** The start of the next line, at or after `from` (itself a line start), that begins with a marker; -1 for none. */
  next(from: number): number {
    const text = this.#text
    if (from >= text.length) return -1
    const first = from === 0 && text.charCodeAt(0) === 0xfeff ? 1 : from
    if (isMarker(text, first)) return first
    for (;;) {
      if (this.#dashes !== -1 && this.#dashes < from) this.#dashes = text.indexOf('\n---', from)
      if (this.#dots !== -1 && this.#dots < from) this.#dots = text.indexOf('\n...', from)
      const found = this.#dots === -1 || (this.#dashes !== -1 && this.#dashes < this.#dots) ? this.#dashes : this.#dots
      if (found === -1) return -1
      if (isMarker(text, found + 1)) return found + 1
      from = found + 1
    }
  }
}

function isMarker(text: string, at: number): boolean {
  const first = text.charCodeAt(at)
  if (first !== 45 && first !== 46) return false
  if (text.charCodeAt(at + 1) !== first || text.charCodeAt(at + 2) !== first) return false
  const after = text.charCodeAt(at + 3)
  return Number.isNaN(after) || after === 32 || after === 9 || after === newline || after === 13
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf('\n', from)
  return found === -1 ? text.length : found + 1
}

function countLines(text: string, start: number, end: number): number {
  let lines = 0
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) lines++
  return lines
}

function hasDirective(text: string, start: number, end: number): boolean {
  return text.charCodeAt(start) === 37 || text.slice(start, end).includes('\n%')
}

/** Whether there is anything but markers, directives, comments and white space between two places. */
function hasContent(text: string, start: number, end: number): boolean {
  let at = start === 0 && text.charCodeAt(0) === 0xfeff ? 1 : start
  let beforeMarker = true
  while (at < end) {
    const lineEnd = Math.min(endOfLine(text, at), end)
    let from = at
    if (isMarker(text, at)) {
      from += 3
      beforeMarker = false
    } else if (beforeMarker && text.charCodeAt(at) === 37) {
      from = lineEnd
    }
    for (; from < lineEnd; from++) {
      const code = text.charCodeAt(from)
      if (code === 35) break
      if (code !== 32 && code !== 9 && code !== 13 && code !== newline) return true
    }
    at = lineEnd
  }
  return false
}
