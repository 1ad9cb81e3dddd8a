import type { Span } from './split-url.ts'

/** One `key = value` of a connection string; the span covers the value with its quotes. */
export interface KeyValue {
  /** In lower case, without spaces and underscores: `userid`. */
  readonly key: string
  readonly value: Span
  /** Without quotes and escapes. */
  readonly plain: string
}

/** Takes `Host=db;Port=5432` apart, as .NET writes it. Nothing when some part is no `key=value`. */
export function splitSemicolons(text: string): KeyValue[] | undefined {
  const pairs: KeyValue[] = []
  const part = /\s*([A-Za-z][\w .-]*?)\s*=\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|[^;]*?)\s*(?:;|$)/y
  while (part.lastIndex < text.length) {
    const from = part.lastIndex
    if (/^[\s;]+$/.test(text.slice(from))) break
    const match = part.exec(text)
    if (match === null || match[0] === '') return undefined
    const [whole, key = '', value = ''] = match
    const start = from + whole.indexOf(value, whole.indexOf('=') + 1)
    const quoted = /^(["']).*\1$/s.test(value)
    pairs.push({
      key: key.toLowerCase().replaceAll(/[ _]/g, ''),
      value: { text: value, start, end: start + value.length },
      plain: quoted ? value.slice(1, -1).replaceAll(/(["'])\1/g, '$1') : value,
    })
  }
  return pairs.length === 0 ? undefined : pairs
}

/** Takes `host=db port=5432` apart, as libpq reads it: quotes are `'`, escapes `\`. Nothing when some part is no `key=value`. */
export function splitKeywords(text: string): KeyValue[] | undefined {
  const pairs: KeyValue[] = []
  const part = /\s*([a-z_]+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)(?:\s+|$)/y
  while (part.lastIndex < text.length) {
    const from = part.lastIndex
    const match = part.exec(text)
    if (match === null) return undefined
    const [whole, key = '', value = ''] = match
    const start = from + whole.indexOf(value, whole.indexOf('=') + 1)
    pairs.push({
      key,
      value: { text: value, start, end: start + value.length },
      plain: (value.startsWith("'") ? value.slice(1, -1) : value).replaceAll(/\\(.)/g, '$1'),
    })
  }
  return pairs.length === 0 ? undefined : pairs
}
