import type { CallContent } from '@keploy-framework/format'

import { decodeCall, encodeCall } from '../protocol/call-mock.ts'
import type { DecodedMock, MockCodec, MockSpec } from '../protocol/mock-codec.ts'
import { statementsOf, trackStatements } from './mock-statements.ts'
import { decodePostgresMessages } from './mocks-v1.ts'
import { decodePostgresV3 } from './mocks-v3.ts'

/** Calls stand in documents of the kind `Call`; Keploy's three kinds are read. */
export const postgresMocks: MockCodec = {
  kinds: ['Call', 'Postgres', 'PostgresV2', 'PostgresV3'],
  encode: (call: CallContent): MockSpec => encodeCall(call),
  createTracker: trackStatements,
  decode(mock, context): DecodedMock {
    if (mock.kind === 'Call') return decodeCall('postgres', mock)
    return mock.kind === 'PostgresV3' ? decodePostgresV3(mock) : decodePostgresMessages(mock, statementsOf(context))
  },
}
