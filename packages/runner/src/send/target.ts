import type { TestCase } from '@keploy-framework/format'

import { RunnerError } from '../errors.ts'

/** Where requests go. It comes from flags and configuration only, never from a recording. */
export interface Target {
  /** `http://127.0.0.1:8000` */
  readonly origin: string
  readonly protocol: 'http:' | 'https:'
  readonly hostname: string
  readonly port: number
  /** What stands in the `Host` header: the host, and the port where it is not the protocol's own. */
  readonly authority: string
  /** Path in front of every recorded path, without a slash at its end; usually empty. */
  readonly basePath: string
}

/**
 * Reads the address that a person gave.
 *
 * @throws RunnerError `KEPLOY_TARGET_INVALID`
 * @example
 * parseTarget('http://localhost:8000').authority // 'localhost:8000'
 */
export function parseTarget(address: string): Target {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`
  if (!URL.canParse(text)) throw invalid(address, 'it is not a URL')
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw invalid(address, `${url.protocol} is not supported`)
  if (url.username !== '' || url.password !== '') throw invalid(address, 'it holds a user name or password')
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  return {
    origin: url.origin,
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    authority: url.host,
    basePath: url.pathname.replace(/\/+$/, ''),
  }
}

/**
 * Path and query of a recorded URL. Scheme, host and port of a recording are never used to reach anything.
 *
 * @example
 * requestPath('http://recorded.example:8080/a?b=1#c') // '/a?b=1'
 */
export function requestPath(url: string): string {
  const hash = url.indexOf('#')
  const withoutFragment = hash === -1 ? url : url.slice(0, hash)
  const start = withoutFragment.startsWith('http://') ? withoutFragment.indexOf('/', 7) : -1
  // Nearly every recorded URL is this one; a question mark in front of the slash is left to the longer way.
  if (start !== -1 && withoutFragment.lastIndexOf('?', start) === -1) return withoutFragment.slice(start)
  return pathOf(withoutFragment)
}

function pathOf(withoutFragment: string): string {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(withoutFragment)
  if (scheme === null) return withoutFragment.startsWith('/') ? withoutFragment : `/${withoutFragment}`
  const rest = withoutFragment.slice(scheme[0].length)
  const start = rest.search(/[/?]/)
  if (start === -1) return '/'
  return rest[start] === '?' ? `/${rest.slice(start)}` : rest.slice(start)
}

/** The host and port that a recorded test was sent to, or `undefined` when the recording does not say. */
export function recordedAuthority(test: TestCase): string | undefined {
  const match = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]+)/i.exec(test.request.url)
  if (match?.[1] !== undefined) return match[1].slice(match[1].lastIndexOf('@') + 1)
  for (const [name, value] of test.request.headers) if (name.toLowerCase() === 'host') return value
  return undefined
}

function invalid(address: string, why: string): RunnerError {
  return new RunnerError(
    'KEPLOY_TARGET_INVALID',
    `The address \`${address}\` can't be used: ${why}. Give one like http://127.0.0.1:8000.`,
  )
}
