import type { CallContent } from '@keploy-framework/format'

import type { DecodedMock, MockSpec } from '../protocol/mock-codec.ts'

export function decodePostgresV3(_mock: MockSpec & { readonly lifetime: CallContent['lifetime'] }): DecodedMock {
  return { problem: 'not read yet' }
}
