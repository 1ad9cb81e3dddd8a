import { SuiteError } from '../errors.ts'

const WORD = /^[\w.:-]+$/

/**
 * Reads an expression of markers: names joined by `and`, `or`, `not` and parentheses, as pytest's `-m` takes it. `not` binds
 * closest, then `and`.
 *
 * @returns a test of a file's markers
 * @throws SuiteError `KEPLOY_RUN_MARKER` when it can't be read
 * @example
 * parseMarkers('(redis or neo4j) and not slow')(new Set(['redis'])) // true
 */
export function parseMarkers(expression: string): (markers: ReadonlySet<string>) => boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? []
  let at = 0
  let depth = 0
  type Test = (markers: ReadonlySet<string>) => boolean

  const fail = (problem: string): never => {
    throw new SuiteError(
      'KEPLOY_RUN_MARKER',
      `The marker expression "${expression}" cannot be read: ${problem}. Write it like \`redis or (neo4j and not slow)\`.`,
    )
  }
  const either = (): Test => {
    const parts = [both()]
    while (tokens[at] === 'or') {
      at += 1
      parts.push(both())
    }
    return (markers) => parts.some((part) => part(markers))
  }
  const both = (): Test => {
    const parts = [one()]
    while (tokens[at] === 'and') {
      at += 1
      parts.push(one())
    }
    return (markers) => parts.every((part) => part(markers))
  }
  const one = (): Test => {
    const token = tokens[at]
    at += 1
    if (token === undefined) return fail('it ends where a marker belongs')
    if (token === 'not' || token === '(') {
      depth += 1
      if (depth > 100) fail('it is nested too deeply')
      const inner = token === 'not' ? one() : either()
      depth -= 1
      if (token === 'not') return (markers) => !inner(markers)
      if (tokens[at] !== ')') fail('a parenthesis is not closed')
      at += 1
      return inner
    }
    if (token === ')' || token === 'and' || token === 'or' || !WORD.test(token)) fail(`did not expect "${token}"`)
    return (markers) => markers.has(token)
  }
  const test = either()
  if (at < tokens.length) fail(`did not expect "${tokens[at]}"`)
  return test
}
