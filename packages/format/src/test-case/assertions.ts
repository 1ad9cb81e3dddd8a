import type { TestAssertions } from '../vocabulary/test-case.ts'
import { isRecord, own, scalarNumber, scalarText } from '../yaml/values.ts'

/** Reads `spec.assertions` and the places where older dialects keep noise. */
export function decodeAssertions(spec: unknown, document: unknown): TestAssertions {
  const source = own(spec, 'assertions')
  const noise = new Map<string, readonly string[]>()
  addNoise(noise, own(source, 'noise'))
  addNoise(noise, own(spec, 'noise'), true)
  addNoise(noise, own(document, 'noise'), true)
  const number = (key: string) => scalarNumber(own(source, key))
  const statusCode = number('status_code')
  const statusClass = scalarText(own(source, 'status_code_class'))
  const statusIn = listOf(own(source, 'status_code_in'))
    ?.map((item) => scalarNumber(item))
    .filter((item) => item !== undefined)
  const headerEqual = textMap(own(source, 'header_equal'))
  const headerContains = textMap(own(source, 'header_contains'))
  const headerMatches = textMap(own(source, 'header_matches'))
  const headerExists = nameList(own(source, 'header_exists'))
  const jsonContains = own(source, 'json_contains')
  return {
    noise,
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(statusClass === undefined ? {} : { statusCodeClass: statusClass }),
    ...(statusIn === undefined ? {} : { statusCodeIn: statusIn }),
    ...(headerEqual === undefined ? {} : { headerEqual }),
    ...(headerContains === undefined ? {} : { headerContains }),
    ...(headerExists === undefined ? {} : { headerExists }),
    ...(headerMatches === undefined ? {} : { headerMatches }),
    ...(own(source, 'json_equal') === undefined ? {} : { jsonEqual: true }),
    ...(jsonContains === undefined ? {} : { jsonContains }),
  }
}

/**
 * Noise is a mapping of paths to regular expressions, or a list of paths. `bare`: outside of `assertions` a list may name
 * body fields without a prefix (`[id, created_at]`), and Keploy's envelope may hold other shapes, which are no noise of
 * this kind.
 */
function addNoise(noise: Map<string, readonly string[]>, value: unknown, bare = false): void {
  if (Array.isArray(value)) {
    for (const item of value) {
      const path = scalarText(item)
      if (path !== undefined && path !== '') noise.set(bare ? withPrefix(path) : path, [])
    }
  } else if (isRecord(value)) {
    for (const path of Object.keys(value)) {
      const patterns = own(value, path)
      if (bare && (path === 'req' || path === 'value')) continue
      noise.set(bare ? withPrefix(path) : path, regexList(patterns))
    }
  }
}

function regexList(value: unknown): string[] {
  if (value === null || value === undefined || value === '') return []
  return (Array.isArray(value) ? value : [value]).flatMap((item) => scalarText(item) ?? [])
}

function withPrefix(path: string): string {
  return /^(?:header|body)(?:$|\.)/.test(path) ? path : `body.${path}`
}

function listOf(value: unknown): readonly unknown[] | undefined {
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) return value
  const text = scalarText(value)
  return text === undefined ? undefined : text.split(',')
}

function textMap(value: unknown): ReadonlyMap<string, string> | undefined {
  if (!isRecord(value)) return undefined
  return new Map(Object.keys(value).map((key) => [key, scalarText(own(value, key)) ?? '']))
}

function nameList(value: unknown): readonly string[] | undefined {
  if (isRecord(value)) return Object.keys(value)
  return listOf(value)?.flatMap((item) => scalarText(item) ?? [])
}

/** The mapping that stands under `assertions:`. */
export function encodeAssertions(assertions: TestAssertions): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  if (assertions.noise.size > 0) result['noise'] = mapRecord(assertions.noise)
  if (assertions.statusCode !== undefined) result['status_code'] = assertions.statusCode
  if (assertions.statusCodeClass !== undefined) result['status_code_class'] = assertions.statusCodeClass
  if (assertions.statusCodeIn !== undefined) result['status_code_in'] = assertions.statusCodeIn
  if (assertions.headerEqual !== undefined) result['header_equal'] = mapRecord(assertions.headerEqual)
  if (assertions.headerContains !== undefined) result['header_contains'] = mapRecord(assertions.headerContains)
  if (assertions.headerExists !== undefined) {
    result['header_exists'] = Object.fromEntries(assertions.headerExists.map((name) => [name, '']))
  }
  if (assertions.headerMatches !== undefined) result['header_matches'] = mapRecord(assertions.headerMatches)
  if (assertions.jsonEqual === true) result['json_equal'] = ''
  if (assertions.jsonContains !== undefined) result['json_contains'] = assertions.jsonContains
  return result
}

function mapRecord(map: ReadonlyMap<string, unknown>): Record<string, unknown> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
