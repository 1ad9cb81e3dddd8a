const OPEN = '{{secret.'

/** How far a placeholder reaches when one (or an escaped one) starts at `at`; 0 when none does. */
function readAt(text: string, at: number): { end: number; number: number; escapes: number } | undefined {
  let i = at + OPEN.length
  let escapes = 0
  while (text.charCodeAt(i) === 33) {
    escapes++
    i++
  }
  const digits = i
  let number = 0
  // More digits than a session can have secrets are not a placeholder.
  while (i - digits < 10) {
    const code = text.charCodeAt(i)
    if (!(code >= 48 && code <= 57)) break
    number = number * 10 + code - 48
    i++
  }
  if (i === digits || text.charCodeAt(digits) === 48) return undefined
  if (text.charCodeAt(i) !== 125 || text.charCodeAt(i + 1) !== 125) return undefined
  return { end: i + 2, number, escapes }
}

/** The text that stands for secret `number` in files. */
export function placeholderText(number: number): string {
  return `${OPEN}${number}}}`
}

/**
 * The numbers of the placeholders in a text, in order, each as often as it stands there. Escaped ones
 * (`{{secret.!1}}`, literal text of the traffic) are not placeholders.
 *
 * @example
 * findPlaceholders('Bearer {{secret.1}}') // [1]
 */
export function findPlaceholders(text: string): number[] {
  const found: number[] = []
  for (let at = text.indexOf(OPEN); at !== -1;) {
    const hit = readAt(text, at)
    if (hit && hit.escapes === 0) found.push(hit.number)
    at = text.indexOf(OPEN, hit ? hit.end : at + OPEN.length)
  }
  return found
}

/** What {@link fillPlaceholders} may be told beside the values. */
export interface FillOptions {
  /**
   * Secrets that were numbers in JSON (`kind` ends with `(number)`): the quotes around their placeholder go when it is
   * filled, so that `"{{secret.2}}"` becomes `1234` again. Default: none.
   */
  readonly numbers?: ReadonlySet<number>
}

/**
 * Puts values back where placeholders stand, and undoes the escape of literal ones (`{{secret.!1}}` becomes
 * `{{secret.1}}`). Values are put in as they are: a caller that fills a URL, a form or JSON encodes them in `lookup`.
 *
 * @example
 * fillPlaceholders('Bearer {{secret.1}}', () => 'abc') // { text: 'Bearer abc', missing: [] }
 */
export function fillPlaceholders(
  text: string,
  lookup: (number: number) => string | undefined,
  options: FillOptions = {},
): { text: string; missing: number[] } {
  let at = text.indexOf(OPEN)
  if (at === -1) return { text, missing: [] }
  const missing: number[] = []
  let result = ''
  let done = 0
  while (at !== -1) {
    const hit = readAt(text, at)
    if (!hit) {
      at = text.indexOf(OPEN, at + OPEN.length)
      continue
    }
    let end = hit.end
    let start = at
    if (hit.escapes > 0) {
      result += text.slice(done, at + OPEN.length) + text.slice(at + OPEN.length + 1, end)
    } else {
      const value = lookup(hit.number)
      if (value === undefined) {
        if (!missing.includes(hit.number)) missing.push(hit.number)
        result += text.slice(done, end)
      } else {
        const quoted = text.charCodeAt(start - 1) === 34 && text.charCodeAt(end) === 34
        if (quoted && start > done && options.numbers?.has(hit.number)) {
          start--
          end++
        }
        result += text.slice(done, start) + value
      }
    }
    done = end
    at = text.indexOf(OPEN, done)
  }
  return { text: result + text.slice(done), missing }
}

/** Escapes what looks like a placeholder in real traffic, so that no reader takes it for one. */
export function escapePlaceholders(text: string): string {
  let at = text.indexOf(OPEN)
  if (at === -1) return text
  let result = ''
  let done = 0
  while (at !== -1) {
    const hit = readAt(text, at)
    if (hit) {
      result += `${text.slice(done, at + OPEN.length)}!${text.slice(at + OPEN.length, hit.end)}`
      done = hit.end
    }
    at = text.indexOf(OPEN, hit ? hit.end : at + OPEN.length)
  }
  return result + text.slice(done)
}

/** Pairs of an escape in JSON; the first kind stands for a character of ASCII that needs none. */
const JSON_ESCAPE = /\\(?:u00([2-7][0-9a-f])|[^])/gi

/**
 * JSON text in which placeholders can be seen: where escapes (`"\u007b{secret.1}}"`) hide some, what need not be
 * escaped is written plainly. The document means the same; any other comes back as it is.
 */
export function showPlaceholders(json: string): string {
  if (!json.includes(String.raw`\u00`)) return json
  const plain = json.replaceAll(JSON_ESCAPE, (whole, hex: string | undefined) => {
    const code = hex === undefined ? 34 : Number.parseInt(hex, 16)
    return code === 34 || code === 92 || code === 127 ? whole : String.fromCharCode(code)
  })
  return countPlaceholders(plain) > countPlaceholders(json) ? plain : json
}

function countPlaceholders(text: string): number {
  let count = 0
  for (let at = text.indexOf(OPEN); at !== -1; at = text.indexOf(OPEN, at + OPEN.length)) {
    if (readAt(text, at)) count++
  }
  return count
}

/** Whether a whole value is nothing but one placeholder, escaped or not. */
export function isPlaceholder(value: string): boolean {
  return value.startsWith(OPEN) && readAt(value, 0)?.end === value.length
}
