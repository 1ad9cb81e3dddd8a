import type { HeaderList, TestCase } from '@keploy-framework/format'
import { sameForm } from '@keploy-framework/match'

import { parseSetCookies } from './cookies.ts'
import type { SetCookie } from './cookies.ts'
import { HOP_BY_HOP, VOLATILE } from './defaults.ts'
import type { Session } from './session.ts'
import { show } from './show-value.ts'

interface Header {
  readonly name: string
  readonly values: readonly string[]
}

/** Headers by lower-case name, in the order of their first line. */
function group(list: HeaderList): Map<string, Header> {
  const headers = new Map<string, { name: string; values: string[] }>()
  for (const [name, value] of list) {
    const lower = name.toLowerCase()
    const header = headers.get(lower)
    if (header === undefined) headers.set(lower, { name, values: [value] })
    else header.values.push(value)
  }
  return headers
}

/** Compares header lines. `lengthDecided`: the body was compared, so Content-Length has nothing to add. */
export function compareHeaders(session: Session, test: TestCase, live: HeaderList, lengthDecided: boolean): void {
  const expected = group(test.response.headers)
  const actual = group(live)
  for (const [lower, header] of expected) {
    if (isIgnored(session, lower, header.name, lengthDecided, actual.get(lower), header)) continue
    const other = actual.get(lower)
    if (other === undefined) {
      const value = header.values.join(', ')
      fail(session, header.name, value, undefined, `The header ${header.name} is missing: expected ${show(value)}.`)
    } else if (lower === 'set-cookie')
      compareCookies(session, parseSetCookies(header.values), parseSetCookies(other.values))
    else compareValues(session, lower, header, other)
  }
  for (const [lower, header] of actual) {
    if (expected.has(lower) || isIgnored(session, lower, header.name, lengthDecided, header, undefined)) continue
    const value = header.values.join(', ')
    fail(session, header.name, undefined, value, `The header ${header.name} was not recorded: got ${show(value)}.`)
  }
}

function isIgnored(
  session: Session,
  lower: string,
  name: string,
  lengthDecided: boolean,
  actual: Header | undefined,
  expected: Header | undefined,
): boolean {
  const length = lower === 'content-length' && lengthDecided
  if (!HOP_BY_HOP.has(lower) && !length) return false
  if (actual?.values.join(', ') !== expected?.values.join(', ')) {
    session.allow(`header.${name}`, length ? 'content length follows the body' : 'connection header')
  }
  return true
}

function compareValues(session: Session, lower: string, expected: Header, actual: Header): void {
  const left = joined(expected.values, actual.values)
  const right = joined(actual.values, expected.values)
  const where = `header.${expected.name}`
  if (left === right && !session.watches(left)) return
  if (VOLATILE.has(lower)) {
    // Bound where it is planned, as a later request may carry it; never a failure.
    session.bindings.expect(left, right, { where, key: expected.name })
    session.allow(where, 'volatile header')
    return
  }
  if (lower === 'content-type' && mediaType(left) === mediaType(right)) {
    session.allow(where, 'same media type')
    return
  }
  const reason = session.differs(left, right, { where, key: expected.name })
  if (reason === undefined) return
  const because = reason === '' ? '' : `: ${reason}`
  const got = left.includes('{{secret.') ? '(hidden)' : right
  fail(
    session,
    expected.name,
    left,
    got,
    `The header ${expected.name} is ${show(got)} where ${show(left)} was recorded${because}.`,
  )
}

/** Several lines mean the same as one with commas; white space around those commas says nothing then. */
function joined(values: readonly string[], others: readonly string[]): string {
  const text = values.join(', ')
  return values.length === others.length ? text : text.replaceAll(/\s*,\s*/g, ', ')
}

/** Type and parameters in one writing; the boundary of a multipart body is made up for each answer. */
function mediaType(value: string): string {
  const [type = '', ...parameters] = value.split(';').map((piece) => piece.trim().toLowerCase().replaceAll('"', ''))
  return [type, ...parameters.filter((parameter) => !parameter.startsWith('boundary=')).sort()].join(';')
}

function compareCookies(session: Session, expected: readonly SetCookie[], actual: readonly SetCookie[]): void {
  const left = [...actual]
  for (const cookie of expected) {
    const index = left.findIndex(({ name }) => name === cookie.name)
    const path = `Set-Cookie.${cookie.name}`
    if (index === -1) {
      fail(session, path, cookie.name, undefined, `The cookie ${cookie.name} is not set any more.`)
      continue
    }
    const [other] = left.splice(index, 1) as [SetCookie]
    const position = { where: `header.${path}`, key: cookie.name }
    if (cookie.value !== other.value || session.watches(cookie.value)) {
      const reason = session.differs(cookie.value, other.value, position)
      const because = reason === undefined || reason === '' ? '' : `: ${reason}`
      if (reason !== undefined) {
        fail(
          session,
          path,
          '(recorded value)',
          '(hidden)',
          `The cookie ${cookie.name} has another value than recorded${because}.`,
        )
      }
    }
    compareAttributes(session, cookie, other)
  }
  for (const { name } of left) {
    fail(session, `Set-Cookie.${name}`, undefined, name, `The cookie ${name} was not set in the recording.`)
  }
}

function compareAttributes(session: Session, expected: SetCookie, actual: SetCookie): void {
  for (const name of new Set([...expected.attributes.keys(), ...actual.attributes.keys()])) {
    const [left, right] = [expected.attributes.get(name), actual.attributes.get(name)]
    if (left === right) continue
    const path = `Set-Cookie.${expected.name}.${name}`
    if (left !== undefined && right !== undefined) {
      if (name === 'expires' && sameForm(left, right)) {
        session.allow(`header.${path}`, 'form: http-date')
        continue
      }
      if (session.mapHosts(left) === right || left.toLowerCase() === right.toLowerCase()) continue
    }
    const shown = right === undefined ? 'missing' : show(right)
    const recorded = left === undefined ? 'none' : show(left)
    fail(
      session,
      path,
      left,
      right,
      `The attribute ${name} of cookie ${expected.name} is ${shown} where ${recorded} was recorded.`,
    )
  }
}

/** Fails unless a noise rule covers the header. `path`: its name, and for cookies what of it. */
function fail(
  session: Session,
  path: string,
  expected: string | undefined,
  actual: string | undefined,
  message: string,
): void {
  const name = path.startsWith('Set-Cookie.') ? 'Set-Cookie' : path
  const rule = session.noise.empty
    ? undefined
    : (session.noise.header(path, actual) ?? session.noise.header(name, actual))
  if (rule !== undefined) {
    session.allow(`header.${path}`, rule)
    return
  }
  session.fail({
    kind: 'header',
    path: `header.${path}`,
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    message,
  })
}
