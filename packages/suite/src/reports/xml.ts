/** An element begins, with its attributes; text; or an element ends. */
export type XmlEvent =
  | { readonly type: 'open'; readonly name: string; readonly attributes: ReadonlyMap<string, string> }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'close'; readonly name: string }

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const ATTRIBUTE = /([^\s=/>"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/**
 * Reads XML as reports of test runners have it. Entities that a document declares itself are not expanded.
 *
 * @throws Error when elements do not close as they were opened, or the text ends within one
 */
export function* readXml(text: string): Generator<XmlEvent> {
  const open: string[] = []
  let at = 0
  while (at < text.length) {
    const begin = text.indexOf('<', at)
    if (begin === -1) break
    if (begin > at && open.length > 0) yield { type: 'text', text: unescape(text.slice(at, begin)) }
    if (text.startsWith('<![CDATA[', begin)) {
      const end = indexAfter(text, ']]>', begin)
      yield { type: 'text', text: text.slice(begin + 9, end - 3) }
      at = end
    } else if (text.startsWith('<!--', begin)) at = indexAfter(text, '-->', begin)
    else if (text.startsWith('<?', begin)) at = indexAfter(text, '?>', begin)
    else if (text.startsWith('<!', begin)) at = indexAfter(text, '>', begin)
    else {
      const end = endOfTag(text, begin)
      const inner = text.slice(begin + 1, end - 1)
      at = end
      if (inner.startsWith('/')) {
        const name = inner.slice(1).trim()
        if (open.pop() !== name) throw new Error(`</${name}> closes nothing`)
        yield { type: 'close', name }
        continue
      }
      const empty = inner.endsWith('/')
      const name = /^[^\s/]+/.exec(inner)?.[0] ?? ''
      if (name === '') throw new Error('an element without a name')
      yield { type: 'open', name, attributes: attributesOf(inner.slice(name.length)) }
      if (empty) yield { type: 'close', name }
      else open.push(name)
    }
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> is not closed`)
}

function attributesOf(text: string): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const [, name, double, single] of text.matchAll(ATTRIBUTE)) {
    attributes.set(name ?? '', unescape(double ?? single ?? ''))
  }
  return attributes
}

/** A `>` within quotes does not end a tag. */
function endOfTag(text: string, begin: number): number {
  let quote = ''
  for (let at = begin + 1; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (quote !== '') {
      if (character === quote) quote = ''
    } else if (character === '"' || character === "'") quote = character
    else if (character === '>') return at + 1
  }
  throw new Error('it ends within an element')
}

function indexAfter(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from)
  if (found === -1) throw new Error(`it ends before ${mark}`)
  return found + mark.length
}

function unescape(text: string): string {
  return text.replaceAll(/&(#x[\da-f]{1,6}|#\d{1,7}|\w{1,5});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return NAMED[name] ?? whole
    const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
