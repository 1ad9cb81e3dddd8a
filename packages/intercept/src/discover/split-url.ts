/** A part of a text, and where it stands. */
export interface Span {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** One `name=value` of a query. */
export interface Parameter {
  readonly name: string
  readonly value: Span
}

/** A URL in its parts, as written: nothing is decoded. */
export interface SplitUrl {
  /** In lower case, without the colon: `postgresql+asyncpg`. */
  readonly scheme: string
  /** With `jdbc:` before it, and what MariaDB and MySQL put after the name: `loadbalance`. */
  readonly jdbc: boolean
  readonly schemeSpan: Span
  readonly username?: string
  readonly password?: string
  /** One host, or a list. */
  readonly hosts: Span
  /** From the first `/` to the query. */
  readonly path: Span
  readonly parameters: readonly Parameter[]
  /** Where a parameter can be added, and with what before it. */
  readonly append: { readonly at: number; readonly before: '?' | '&' | '' }
}

const HEAD = /^(jdbc:)?([A-Za-z][A-Za-z0-9+.-]*)(?::[a-z]+)?:\/\//i

/** Whether a text begins like a URL that has an authority. */
export function looksLikeUrl(text: string): boolean {
  return HEAD.test(text)
}

/**
 * Takes a URL of a server apart, lists of hosts included, which `URL` refuses. `lenient` reads a password with `/`, `?` or
 * `#` in it that nobody encoded, as some drivers do: up to the last `@`.
 */
export function splitUrl(text: string, lenient = false): SplitUrl | undefined {
  const head = HEAD.exec(text)
  if (head === null) return undefined
  const begin = head[0].length
  const from = lenient ? Math.max(text.lastIndexOf('@'), begin) : begin
  const rest = /[/?#]/.exec(text.slice(from))
  const authorityEnd = rest === null ? text.length : from + rest.index
  const at = text.lastIndexOf('@', authorityEnd - 1)
  const hostStart = at >= begin ? at + 1 : begin
  const user = at >= begin ? text.slice(begin, at) : undefined
  const colon = user?.indexOf(':') ?? -1
  const hash = text.indexOf('#', authorityEnd)
  const end = hash === -1 ? text.length : hash
  const mark = text.indexOf('?', authorityEnd)
  const query = mark === -1 || mark > end ? end : mark
  const jdbc = head[1] !== undefined
  const parameters = query === end ? [] : splitParameters(text, query + 1, end)
  const last = text.at(end - 1)
  return {
    scheme: (head[2] ?? '').toLowerCase(),
    jdbc,
    schemeSpan: span(text, head[1]?.length ?? 0, (head[1]?.length ?? 0) + (head[2]?.length ?? 0)),
    ...(user !== undefined && { username: colon === -1 ? user : user.slice(0, colon) }),
    ...(user !== undefined && colon !== -1 && { password: user.slice(colon + 1) }),
    hosts: span(text, hostStart, authorityEnd),
    path: span(text, authorityEnd, query),
    parameters,
    append: { at: end, before: query === end ? '?' : last === '?' || last === '&' ? '' : '&' },
  }
}

/** The value of the last parameter of a name, in any case of letters. */
export function parameter(url: SplitUrl, ...names: readonly string[]): Span | undefined {
  return url.parameters.findLast(({ name }) => names.includes(name.toLowerCase()))?.value
}

function splitParameters(text: string, start: number, end: number): Parameter[] {
  const parameters: Parameter[] = []
  for (let at = start; at < end;) {
    const next = text.indexOf('&', at)
    const stop = next === -1 || next > end ? end : next
    const equals = text.indexOf('=', at)
    const value = equals === -1 || equals > stop ? stop : equals + 1
    const name = text.slice(at, equals === -1 || equals > stop ? stop : equals)
    parameters.push({ name, value: span(text, value, stop) })
    at = stop + 1
  }
  return parameters
}

function span(text: string, start: number, end: number): Span {
  return { text: text.slice(start, end), start, end }
}
