import type { CapturedBody, HttpExchange, Value } from '@keploy-framework/format'

/** Longer texts are not looked through. */
const LONGEST = 65_536
/** What one request or answer may hold; what holds more may hold anything. */
const MOST = 1000

/** UUIDs, ULIDs and hexadecimal ids, also within longer words. */
const ID =
  /(?<![0-9a-f])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,})(?![0-9a-f])|(?<![0-9a-z])[0-9a-hjkmnp-tv-z]{26}(?![0-9a-z])/gi
/** A text of a client that no code has in it by chance: words and numbers with blanks between them. */
const FREE_TEXT = /^(?=.*[A-Za-z])(?=.*\d)(?=.*[ @]).{8,200}$/

/** Values that tell where a request or a call belongs. */
export interface FlowingValues {
  /** Ids: whoever has one was given it. Without case and dashes, as they are written in several ways. */
  readonly ids: ReadonlySet<string>
  /** Free texts, as they are. */
  readonly texts: ReadonlySet<string>
  /** Whether not everything could be looked at, so that it may hold any value. */
  readonly opaque: boolean
}

class Collector implements FlowingValues {
  readonly ids = new Set<string>()
  readonly texts = new Set<string>()
  opaque = false

  text(text: string): void {
    if (text.length > LONGEST || this.ids.size + this.texts.size > MOST) {
      this.opaque = true
      return
    }
    if (FREE_TEXT.test(text)) this.texts.add(text)
    for (const [word] of text.matchAll(ID)) {
      // Numbers and words are equal by chance.
      if (/\d/.test(word) && /[a-z]/i.test(word)) this.ids.add(word.toLowerCase().replaceAll('-', ''))
    }
    const first = text.trimStart()[0]
    if (first === '{' || first === '[') this.json(text)
  }

  json(text: string): void {
    let tree: unknown
    try {
      tree = JSON.parse(text)
    } catch {
      return
    }
    this.tree(tree as Value, 0)
  }

  tree(node: Value | undefined, depth = 0): void {
    if (typeof node === 'string') this.text(node)
    else if (node instanceof Uint8Array) this.opaque ||= node.length >= 8
    else if (typeof node === 'object' && node !== null) {
      if (depth > 50) this.opaque = true
      else
        for (const [name, value] of Object.entries(node as { [key: string]: Value })) {
          // Names of fields may be ids too; indexes of lists are none.
          if (!Array.isArray(node)) this.text(name)
          this.tree(value, depth + 1)
        }
    }
  }

  body({ bytes, omitted }: CapturedBody): void {
    if (omitted !== undefined || bytes.length > LONGEST) {
      this.opaque = true
      return
    }
    const text = Buffer.from(bytes).toString('utf8')
    if (text.includes('\uFFFD')) this.opaque = true
    this.text(text)
    if (text.includes('=')) for (const [, value] of new URLSearchParams(text)) this.text(value)
  }
}

/** What a client sent. */
export function valuesOfRequest({ request, stream }: HttpExchange): FlowingValues {
  const found = new Collector()
  const { target, headers, body } = request
  found.text(target)
  const query = target.indexOf('?')
  for (const segment of target.slice(0, query === -1 ? undefined : query).split('/')) found.text(decoded(segment))
  if (query !== -1) for (const [, value] of new URLSearchParams(target.slice(query + 1))) found.text(value)
  for (const [, value] of headers) found.text(value)
  found.body(body)
  // What comes over a stream has a time of its own.
  if (stream?.kind === 'websocket') found.opaque = true
  return found
}

/** What a client was answered. */
export function valuesOfResponse({ response }: HttpExchange): FlowingValues {
  const found = new Collector()
  for (const [, value] of response?.headers ?? []) found.text(value)
  if (response !== undefined) found.body(response.body)
  return found
}

/** What a request or an answer of a call holds. */
export function valuesOfTree(tree: Value | undefined): FlowingValues {
  const found = new Collector()
  found.tree(tree)
  return found
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
