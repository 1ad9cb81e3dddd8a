import { headerValue, type HttpExchange } from '@keploy-framework/format'
import { RE2JS } from 're2js'

import { RecorderError } from '../recorder-error.ts'
import { targetPath } from './route.ts'

/** One rule of `record.filters`: which requests become tests. */
export interface RecordRule {
  /** A regular expression for the path; empty: any. */
  readonly path?: string
  /** A regular expression for the host; empty: any. */
  readonly host?: string
  /** 0: any. */
  readonly port?: number
  /** Empty: any. */
  readonly methods?: readonly string[]
  /** Header names and regular expressions for their values. */
  readonly headers?: Readonly<Record<string, string>>
  /** Whether one condition is enough. Default: `OR`, as Keploy has it. */
  readonly matchType?: 'OR' | 'AND'
  /** Default: `include`. */
  readonly policy?: 'include' | 'exclude'
}

type Condition = (exchange: HttpExchange) => boolean

function pattern(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (cause) {
    throw new RecorderError(
      'KEPLOY_RECORD_FILTER',
      `The pattern ${JSON.stringify(source)} under record.filters is not a regular expression in RE2 syntax. Correct it.`,
      { cause },
    )
  }
}

function authority(exchange: HttpExchange): { host: string; port: number } {
  const value = headerValue(exchange.request.headers, 'host') ?? ''
  const colon = /:(\d+)$/.exec(value)
  return { host: colon ? value.slice(0, colon.index) : value, port: colon ? Number(colon[1]) : 80 }
}

function compileRule(rule: RecordRule): Condition {
  const conditions: Condition[] = []
  if (rule.path) {
    const path = pattern(rule.path)
    conditions.push((exchange) => path.matcher(targetPath(exchange.request.target)).find())
  }
  if (rule.host) {
    const host = pattern(rule.host)
    conditions.push((exchange) => host.matcher(authority(exchange).host).find())
  }
  if (rule.port) conditions.push((exchange) => authority(exchange).port === rule.port)
  if (rule.methods?.length) {
    const methods = new Set(rule.methods.map((method) => method.toUpperCase()))
    conditions.push((exchange) => methods.has(exchange.request.method.toUpperCase()))
  }
  for (const [name, source] of Object.entries(rule.headers ?? {})) {
    const value = pattern(source)
    conditions.push((exchange) => {
      const actual = headerValue(exchange.request.headers, name)
      return actual !== undefined && value.matcher(actual).find()
    })
  }
  if (conditions.length === 0) return () => false
  return rule.matchType === 'AND'
    ? (exchange) => conditions.every((holds) => holds(exchange))
    : (exchange) => conditions.some((holds) => holds(exchange))
}

/** Whether a path lies under a prefix, by whole segments: `/api` holds `/api/a` and not `/apis`. */
export function isUnder(path: string, prefix: string): boolean {
  const plain = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix
  const rooted = plain.startsWith('/') || plain === '' ? plain : `/${plain}`
  return path === rooted || path.startsWith(`${rooted}/`)
}

/** What filters make of an exchange. `asked`: a rule names it, so the usual exclusions do not count. */
export type FilterVerdict = 'asked' | 'kept' | 'path' | 'filter'

/**
 * Makes one function of path prefixes and filter rules.
 *
 * @throws {RecorderError} `KEPLOY_RECORD_FILTER` for a pattern that cannot be used
 */
export function compileFilters(
  paths: readonly string[],
  rules: readonly RecordRule[],
): (exchange: HttpExchange) => FilterVerdict {
  const includes = rules.filter((rule) => rule.policy !== 'exclude').map(compileRule)
  const excludes = rules.filter((rule) => rule.policy === 'exclude').map(compileRule)
  return (exchange) => {
    const path = targetPath(exchange.request.target)
    const prefix = paths.filter((one) => isUnder(path, one))
    if (paths.length > 0 && prefix.length === 0) return 'path'
    if (excludes.some((holds) => holds(exchange))) return 'filter'
    const included = includes.some((holds) => holds(exchange))
    if (includes.length > 0 && !included) return 'filter'
    // A prefix asks for a health check only when it names it, not when it covers everything.
    return included || prefix.some((one) => one !== '/' && one !== '') ? 'asked' : 'kept'
  }
}
