import { headerValues } from '@keploy-framework/format'
import type { TestAssertions, TestCase } from '@keploy-framework/format'
import { ExactNumber, jsonParseExact, testPattern } from '@keploy-framework/match'
import type { JsonValue } from '@keploy-framework/match'

import { compareJson } from './compare-json.ts'
import type { ActualResponse } from './compare-response.ts'
import type { Session } from './session.ts'
import { show } from './show-value.ts'

/** The assertions of a test that decide alone, by Keploy's names; empty when the recorded response decides. */
export function decidingAssertions(assertions: TestAssertions): string[] {
  const names: [string, unknown][] = [
    ['status_code', assertions.statusCode],
    ['status_code_class', assertions.statusCodeClass],
    ['status_code_in', assertions.statusCodeIn],
    ['header_equal', assertions.headerEqual],
    ['header_contains', assertions.headerContains],
    ['header_exists', assertions.headerExists],
    ['header_matches', assertions.headerMatches],
    ['json_equal', assertions.jsonEqual],
    ['json_contains', assertions.jsonContains],
  ]
  return names.filter(([, value]) => value !== undefined).map(([name]) => name)
}

export function compareAssertions(session: Session, test: TestCase, actual: ActualResponse): void {
  const { assertions } = test
  compareStatus(session, assertions, actual.status)
  compareHeaderAssertions(session, assertions, actual)
  const recorded = test.response.body.type === 'text' ? test.response.body.text : ''
  if (assertions.jsonEqual === true) {
    const expected = jsonParseExact(recorded)
    const live = jsonParseExact(Buffer.from(actual.body).toString('utf8'))
    if (!expected.ok)
      fail(
        session,
        'json_equal',
        recorded.slice(0, 1000),
        undefined,
        'json_equal needs a recorded JSON body, and there is none.',
      )
    else if (!live.ok)
      fail(session, 'json_equal', undefined, undefined, `json_equal: the body is not JSON (${live.message}).`)
    else if (!compareJson(session, expected.value, live.value, 'assertion')) {
      fail(session, 'json_equal', undefined, undefined, 'json_equal: the body is nested too deeply to be compared.')
    }
  }
  if (assertions.jsonContains !== undefined) compareContains(session, assertions.jsonContains, actual)
}

function compareStatus(
  session: Session,
  { statusCode, statusCodeClass, statusCodeIn }: TestAssertions,
  status: number,
): void {
  if (statusCode !== undefined && statusCode !== status) {
    fail(session, 'status_code', statusCode, status, `status_code: expected ${statusCode}, got ${status}.`)
  }
  if (statusCodeClass !== undefined && !statusCodeClass.startsWith(String(Math.floor(status / 100)))) {
    fail(
      session,
      'status_code_class',
      statusCodeClass,
      status,
      `status_code_class: expected ${statusCodeClass}, got ${status}.`,
    )
  }
  if (statusCodeIn !== undefined && !statusCodeIn.includes(status)) {
    const list = statusCodeIn.join(', ')
    fail(session, 'status_code_in', list, status, `status_code_in: expected one of ${list}, got ${status}.`)
  }
}

function compareHeaderAssertions(session: Session, assertions: TestAssertions, actual: ActualResponse): void {
  const check = (
    name: string,
    expected: ReadonlyMap<string, string> | undefined,
    holds: (live: string, wanted: string, header: string) => boolean,
    verb: string,
  ): void => {
    for (const [header, wanted] of expected ?? []) {
      const values = headerValues(actual.headers, header)
      const live = values.length === 0 ? undefined : values.join(', ')
      if (live !== undefined && holds(live, wanted, header)) continue
      const got = live === undefined ? 'nothing' : show(live)
      fail(
        session,
        `${name}.${header}`,
        wanted,
        live,
        `${name}: expected header ${header} to ${verb} ${show(wanted)}, got ${got}.`,
      )
    }
  }
  const equal = (live: string, wanted: string, header: string): boolean =>
    live === wanted || session.differs(wanted, live, { where: `header.${header}`, key: header }) === undefined
  check('header_equal', assertions.headerEqual, equal, 'equal')
  check(
    'header_contains',
    assertions.headerContains,
    (live, wanted) => live.includes(session.mapHosts(wanted)),
    'contain',
  )
  check('header_matches', assertions.headerMatches, (live, wanted) => testPattern(wanted, live).matches, 'match')
  for (const header of assertions.headerExists ?? []) {
    if (headerValues(actual.headers, header).length === 0) {
      fail(session, `header_exists.${header}`, header, undefined, `header_exists: the header ${header} is missing.`)
    }
  }
}

function compareContains(session: Session, wanted: unknown, actual: ActualResponse): void {
  const live = jsonParseExact(Buffer.from(actual.body).toString('utf8'))
  if (!live.ok) {
    fail(session, 'json_contains', wanted, undefined, `json_contains: the body is not JSON (${live.message}).`)
    return
  }
  const missing = findMissing(session, wanted, live.value, 'body', 0)
  if (missing === undefined) return
  const got = missing.live === undefined ? 'nothing' : show(missing.live)
  fail(
    session,
    missing.where,
    missing.wanted,
    missing.live,
    `json_contains: expected ${missing.where} to contain ${show(missing.wanted)}, got ${got}.`,
  )
}

interface Missing {
  readonly where: string
  readonly wanted: unknown
  readonly live: JsonValue | undefined
}

/** The first part of `wanted` that `live` does not hold. Elements of a wanted array may stand anywhere in the live one. */
function findMissing(
  session: Session,
  wanted: unknown,
  live: JsonValue | undefined,
  where: string,
  depth: number,
): Missing | undefined {
  const missing = { where, wanted, live }
  if (depth > 500 || live === undefined) return missing
  if (Array.isArray(wanted)) {
    if (!Array.isArray(live)) return missing
    const absent = wanted.find(
      (item) => !live.some((other) => findMissing(session, item, other, where, depth + 1) === undefined),
    )
    return absent === undefined ? undefined : { where, wanted: absent, live }
  }
  if (typeof wanted === 'object' && wanted !== null && !(wanted instanceof ExactNumber)) {
    if (typeof live !== 'object' || live === null || Array.isArray(live) || live instanceof ExactNumber) return missing
    for (const [key, value] of Object.entries(wanted)) {
      const other = Object.hasOwn(live, key) ? live[key] : undefined
      const found = findMissing(session, value, other, `${where}.${key}`, depth + 1)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (wanted === live) return undefined
  if (session.bindings.isSecretNumber(wanted)) {
    const number = live instanceof ExactNumber ? live.text : typeof live === 'number' ? live : undefined
    return number !== undefined && session.differs(wanted as string, number, { where }) === undefined
      ? undefined
      : missing
  }
  if (live instanceof ExactNumber) return typeof wanted === 'number' && live.equals(wanted) ? undefined : missing
  if (typeof wanted !== typeof live || (typeof wanted !== 'string' && typeof wanted !== 'number')) return missing
  const key = /\.([^.]+)$/.exec(where)?.[1]
  return session.differs(wanted, live as string | number, { where, key }) === undefined ? undefined : missing
}

function fail(session: Session, path: string, expected: unknown, actual: unknown, message: string): void {
  session.fail({
    kind: 'assertion',
    path,
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    message,
  })
}
