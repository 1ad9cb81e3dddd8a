/** One header line: the name as it was sent, and its value without surrounding white space. */
export type HeaderPair = readonly [name: string, value: string]

/** Header lines in the order in which they were sent; a name may stand more than once. */
export type HeaderList = readonly HeaderPair[]

/**
 * The first value of a header, whatever its case.
 *
 * @example
 * headerValue([['Content-Type', 'text/plain']], 'content-type') // 'text/plain'
 */
export function headerValue(headers: HeaderList, name: string): string | undefined {
  const wanted = name.toLowerCase()
  for (const [key, value] of headers) {
    if (key.length === wanted.length && key.toLowerCase() === wanted) return value
  }
  return undefined
}

/**
 * Every value of a header, in order.
 *
 * @example
 * headerValues([['Set-Cookie', 'a=1'], ['Set-Cookie', 'b=2']], 'set-cookie') // ['a=1', 'b=2']
 */
export function headerValues(headers: HeaderList, name: string): string[] {
  const wanted = name.toLowerCase()
  return headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value)
}
