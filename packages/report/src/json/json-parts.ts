import type { RunResult } from '@keploy-framework/format'

import { toJson } from '../text/value.ts'

/**
 * A result as one JSON document, in pieces of one test each, so that a big one never stands in memory twice.
 *
 * @example
 * [...jsonParts(result)].join('')
 */
export function* jsonParts(result: RunResult): Generator<string> {
  const { version, status, summary, sets, mocks, ...rest } = result
  yield `{"version":${toJson(version)},"status":${toJson(status)},"summary":${toJson(summary)},"sets":[`
  let firstSet = true
  for (const { name, tests, ...more } of sets) {
    yield `${firstSet ? '' : ','}\n{"name":${toJson(name)}${members(more)},"tests":[`
    firstSet = false
    let firstTest = true
    for (const test of tests) {
      yield `${firstTest ? '' : ','}\n${toJson(test)}`
      firstTest = false
    }
    yield ']}'
  }
  yield `],\n"mocks":${toJson(mocks)}${members(rest)}}\n`
}

// What a later version of the result adds is kept.
function members(rest: object): string {
  return Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `,${JSON.stringify(key)}:${toJson(value)}`)
    .join('')
}
