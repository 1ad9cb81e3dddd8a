import { RedactError } from './redact-error.ts'

type Segment = string | number | null

/** Reads `$.a.b[*].c`, `a["b c"][0]`; `[*]` (or `.*`) stands for every element or key. */
function parse(path: string): Segment[] {
  const segments: Segment[] = []
  let i = path.startsWith('$') ? 1 : 0
  if (path.charCodeAt(i) === 46) i++
  while (i < path.length) {
    if (path.charAt(i) === '[') {
      const quote = path.charAt(i + 1)
      const quoted = quote === '"' || quote === "'"
      const close = path.indexOf(quoted ? `${quote}]` : ']', i + (quoted ? 2 : 1))
      if (close === -1) throw bad(path)
      const inner = path.slice(i + (quoted ? 2 : 1), close)
      if (quoted) segments.push(inner)
      else if (inner === '*') segments.push(null)
      else if (/^\d+$/.test(inner)) segments.push(Number(inner))
      else throw bad(path)
      i = close + (quoted ? 2 : 1)
    } else {
      let end = i
      while (end < path.length && path.charAt(end) !== '.' && path.charAt(end) !== '[') end++
      const name = path.slice(i, end)
      if (name === '') throw bad(path)
      segments.push(name === '*' ? null : name)
      i = end
    }
    if (path.charAt(i) === '.') {
      i++
      if (i === path.length) throw bad(path)
    }
  }
  if (segments.length === 0) throw bad(path)
  return segments
}

function bad(path: string): RedactError {
  return new RedactError(
    'KEPLOY_REDACT_PATH',
    `The JSON path ${JSON.stringify(path)} cannot be read. Write it like "user.address.street" or "items[*].token".`,
  )
}

/** Tells whether a position in a JSON document is one of the configured ones. */
export class PathMatcher {
  readonly #paths: readonly Segment[][]

  constructor(paths: readonly string[]) {
    this.#paths = paths.map(parse)
  }

  matches(position: readonly (string | number)[]): boolean {
    return this.#paths.some(
      (path) =>
        path.length === position.length && path.every((segment, i) => segment === null || segment === position[i]),
    )
  }
}
