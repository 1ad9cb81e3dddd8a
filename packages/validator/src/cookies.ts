/** A Set-Cookie line taken apart. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  /** Attributes by lower-case name; flags have the value `''`. */
  readonly attributes: ReadonlyMap<string, string>
}

/** Cookies of Set-Cookie values; several that were joined by commas in one value are told apart. */
export function parseSetCookies(values: readonly string[]): SetCookie[] {
  return values.flatMap((value) => value.split(/,(?=\s*[^\s;,=]+=)/)).map(parseSetCookie)
}

function parseSetCookie(line: string): SetCookie {
  const [pair = '', ...rest] = line.split(';').map((piece) => piece.trim())
  const equals = pair.indexOf('=')
  const attributes = new Map<string, string>()
  for (const attribute of rest) {
    if (attribute === '') continue
    const at = attribute.indexOf('=')
    const name = at === -1 ? attribute : attribute.slice(0, at)
    attributes.set(name.toLowerCase(), at === -1 ? '' : attribute.slice(at + 1))
  }
  return { name: pair.slice(0, Math.max(equals, 0)), value: pair.slice(equals + 1), attributes }
}
