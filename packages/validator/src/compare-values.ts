import type { Failure } from '@keploy-framework/format'
import { BindingTable, createNoise, planBindings } from '@keploy-framework/match'
import type { JsonValue } from '@keploy-framework/match'

import { compareJson } from './compare-json.ts'
import type { CompareOptions } from './compare-response.ts'
import { Session } from './session.ts'

/**
 * Compares two JSON values as a response body is compared, without noise, bindings or host. An inserted element of an
 * array is one failure. Values nested deeper than 800 levels are one failure as a whole.
 *
 * @example
 * compareValues({ a: [1, 2] }, { a: [1, 3] })[0]?.path // 'body.a[1]'
 */
export function compareValues(expected: JsonValue, actual: JsonValue, options: CompareOptions = {}): Failure[] {
  const noise = createNoise()
  const bindings = new BindingTable(planBindings([]))
  const session = new Session({ noise, bindings, hosts: { recorded: [], live: '' }, options })
  if (!compareJson(session, expected, actual)) {
    session.fail({ kind: 'body', path: 'body', message: 'The values are nested too deeply to be compared.' })
  }
  return session.report()
}
