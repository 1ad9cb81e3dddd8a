import type { CallContent, Value } from '@keploy-framework/format'

import { isTree } from '../protocol/value.ts'

/** What a call asks that stands for a connection which could not be made. */
const REQUEST: Value = { connect: true }

/**
 * The call that says that a connection could not be made.
 *
 * @param reason a code such as `ECONNREFUSED` or `ENOTFOUND`
 * @example
 * refusedCall('ECONNREFUSED').response // { refused: 'ECONNREFUSED' }
 */
export function refusedCall(reason: string): CallContent {
  return {
    protocol: 'generic',
    operation: 'connect',
    request: REQUEST,
    response: { refused: reason },
    lifetime: 'test',
  }
}

/**
 * Why a connection could not be made, when a recorded answer says so.
 *
 * @example
 * refusalOf({ refused: 'ENOTFOUND' }) // 'ENOTFOUND'
 */
export function refusalOf(response: Value | undefined): string | undefined {
  const reason = response !== undefined && isTree(response) ? response['refused'] : undefined
  return typeof reason === 'string' ? reason : undefined
}
