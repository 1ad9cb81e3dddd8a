import { isDeepStrictEqual } from 'node:util'

import type { CallContent } from '@keploy-framework/format'

import { decodeCall, encodeCall } from '../../protocol/call-mock.ts'
import type { MockCodec, MockSpec } from '../../protocol/mock-codec.ts'
import { readDocument } from './read-document.ts'
import { trackStatements, withStatement } from './track-statements.ts'
import { writeDocument } from './write-document.ts'

/** Keploy's `MySQL` and `SQL`; a call that `MySQL` would not give back as it was is a `Call`. */
export const mysqlMocks: MockCodec = {
  kinds: ['MySQL', 'SQL', 'Call'],
  encode(call: CallContent): MockSpec {
    const written = writeDocument(call)
    if (written === undefined) return encodeCall(call)
    const read = readDocument({ ...written, lifetime: call.lifetime })
    const { protocol, operation, request, response, lifetime, ended } = call
    const content = {
      protocol,
      operation,
      request,
      lifetime,
      ...(response !== undefined && { response }),
      ...(ended !== undefined && { ended }),
    }
    const same = 'calls' in read && read.calls.length === 1 && isDeepStrictEqual(read.calls[0], content)
    return same ? written : encodeCall(call)
  },
  decode: (mock, context) =>
    mock.kind === 'Call' ? decodeCall('mysql', mock) : readDocument(withStatement(mock, context)),
  createTracker: trackStatements,
}
