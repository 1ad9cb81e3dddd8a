import type { Value } from '@keploy-framework/format'

import type { Protocol } from '../protocol/protocol.ts'
import { bytesOf } from '../protocol/value.ts'
import { GenericMockServer } from './generic-mock-server.ts'
import { genericMocks } from './generic-mocks.ts'
import { GenericReader } from './generic-reader.ts'

/** Any protocol over TCP that no other codec knows: bytes in turns. */
export const genericProtocol: Protocol = {
  name: 'generic',
  speaksFirst: 'client',
  detect: () => 'yes',
  createReader: (options, emit) => new GenericReader(options, emit),
  createMockServer: (options) => new GenericMockServer(options),
  describe(request: Value): string {
    if (typeof request === 'string') return JSON.stringify(request).slice(0, 200)
    if (request instanceof Uint8Array) {
      return `${request.length} bytes ${Buffer.from(bytesOf(request)).subarray(0, 24).toString('hex')}`
    }
    return request === null ? 'nothing' : 'a connection'
  },
  match: { key: (request) => request },
  mocks: genericMocks,
}
